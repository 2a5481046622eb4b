package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/coder/websocket"
	"github.com/hashicorp/yamux"
	"storj.io/drpc"
	"storj.io/drpc/drpcconn"
)

const service = "/provisionerd.ProvisionerDaemon/"

// link is the connection to the server, made anew when it breaks.
type link struct {
	url, name, version, key, token string
	provisioners, tags             list
	once                           bool
	patience, ping                 time.Duration

	stream  *stream
	session *yamux.Session
}

// errRefused: the server does not want this daemon.
var errRefused = errors.New("refused")

func (l *link) address() string {
	query := url.Values{"provisioner": l.provisioners, "version": {l.version}}
	if len(l.tags) > 0 {
		query["tag"] = l.tags
	}
	if l.name != "" {
		query.Set("name", l.name)
	}
	return l.url + "?" + query.Encode()
}

// dial connects once.
func (l *link) dial(ctx context.Context) error {
	header := http.Header{"X-Coder-Build-Version": {"v2.24.0-test"}}
	if l.key != "" {
		header.Set("Coder-Provisioner-Daemon-Key", l.key)
	}
	if l.token != "" {
		header.Set("Coder-Session-Token", l.token)
	}
	socket, response, err := websocket.Dial(ctx, l.address(), &websocket.DialOptions{
		HTTPHeader:      header,
		CompressionMode: websocket.CompressionDisabled,
	})
	if response != nil && response.StatusCode >= 400 && response.StatusCode < 500 {
		body, _ := io.ReadAll(io.LimitReader(response.Body, 4096))
		say("refused", "status", response.StatusCode, "body", string(body))
		return errRefused
	}
	if err != nil {
		return err
	}
	socket.SetReadLimit(256 << 10)
	config := yamux.DefaultConfig()
	config.LogOutput = io.Discard
	config.KeepAliveInterval = l.ping
	l.stream = &stream{socket: socket}
	l.session, err = yamux.Client(l.stream, config)
	return err
}

// alive is a session that is not over, as far as is known.
func (l *link) alive() (*yamux.Session, error) {
	if l.session != nil && !l.session.IsClosed() {
		return l.session, nil
	}
	if l.session != nil {
		closed := l.stream.closed
		say("disconnected", "code", int(closed.Code), "reason", closed.Reason)
		if l.once {
			return nil, errors.New("the connection is over")
		}
	}
	deadline := time.Now().Add(l.patience)
	for {
		ctx, cancel := context.WithDeadline(context.Background(), deadline)
		err := l.dial(ctx)
		cancel()
		if err == nil {
			say("connected")
			return l.session, nil
		}
		if errors.Is(err, errRefused) || time.Now().After(deadline) {
			return nil, fmt.Errorf("connecting: %w", err)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// open begins a call's connection: a stream of its own.
func (l *link) open() (*drpcconn.Conn, *yamux.Session, error) {
	for {
		session, err := l.alive()
		if err != nil {
			return nil, nil, err
		}
		stream, err := session.Open()
		if err == nil {
			return drpcconn.New(stream), session, nil
		}
		if !session.IsClosed() {
			return nil, nil, err
		}
	}
}

// broken are the errors of calls that the server did not answer.
var broken = []error{
	io.EOF, context.Canceled, yamux.ErrConnectionReset, yamux.ErrSessionShutdown, yamux.ErrStreamClosed,
}

// lost tells whether a call failed with the connection: a server that ends a session refuses calls before it closes it.
func lost(session *yamux.Session, err error) bool {
	isBroken := func(one error) bool { return errors.Is(err, one) }
	if drpc.ClosedError.Has(err) || slices.ContainsFunc(broken, isBroken) {
		select {
		case <-session.CloseChan():
		case <-time.After(10 * time.Second):
		}
	}
	return session.IsClosed()
}

// call makes a unary call; again, when the connection broke before it was answered.
func (l *link) call(rpc string, request []byte) (answer fields, again bool, err error) {
	for {
		conn, session, err := l.open()
		if err != nil {
			return nil, again, err
		}
		var bytes []byte
		err = conn.Invoke(context.Background(), service+rpc, wire{}, &request, &bytes)
		_ = conn.Close()
		if err == nil {
			answer, err = parse(bytes)
			return answer, again, err
		}
		if !lost(session, err) {
			return nil, again, err
		}
		again = true
	}
}
