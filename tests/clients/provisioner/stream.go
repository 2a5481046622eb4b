package main

import (
	"context"
	"errors"
	"io"

	"github.com/coder/websocket"
)

// stream is what websocket.NetConn makes of a socket, the bytes of its messages, and keeps how the socket was closed.
type stream struct {
	socket *websocket.Conn
	rest   io.Reader
	closed websocket.CloseError
}

func (s *stream) Read(into []byte) (int, error) {
	for {
		if s.rest == nil {
			kind, message, err := s.socket.Reader(context.Background())
			if err != nil {
				errors.As(err, &s.closed)
				return 0, err
			}
			if kind != websocket.MessageBinary {
				return 0, errors.New("a message is not binary")
			}
			s.rest = message
		}
		n, err := s.rest.Read(into)
		if errors.Is(err, io.EOF) {
			s.rest, err = nil, nil
		}
		if n > 0 || err != nil {
			return n, err
		}
	}
}

func (s *stream) Write(bytes []byte) (int, error) {
	if err := s.socket.Write(context.Background(), websocket.MessageBinary, bytes); err != nil {
		return 0, err
	}
	return len(bytes), nil
}

func (s *stream) Close() error {
	return s.socket.Close(websocket.StatusNormalClosure, "")
}
