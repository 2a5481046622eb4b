package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"strconv"

	"google.golang.org/protobuf/encoding/protowire"
	"storj.io/drpc"
)

const (
	moduleFiles = 1
	maxPiece    = 2 << 20
)

// stream begins a call of several messages. It ends with the connection.
func (d *daemon) stream(rpc string) (drpc.Stream, io.Closer, error) {
	conn, _, err := d.open()
	if err != nil {
		return nil, nil, err
	}
	stream, err := conn.NewStream(context.Background(), service+rpc, wire{})
	if err != nil {
		_ = conn.Close()
		return nil, nil, err
	}
	return stream, conn, nil
}

// upload sends a file of modules.
func (d *daemon) upload(size string) error {
	n, err := strconv.Atoi(size)
	if err != nil {
		return err
	}
	stream, conn, err := d.stream("UploadFile")
	if err != nil {
		return err
	}
	defer conn.Close()
	content := make([]byte, n)
	hash := sha256.Sum256(content)
	var file message
	file.number(1, moduleFiles)
	file.bytes(2, hash[:])
	file.number(3, int64(n))
	file.number(4, int64((n+maxPiece-1)/maxPiece))
	parts := []message{part(1, file)}
	for index := int64(0); len(content) > 0; index++ {
		data := content[:min(maxPiece, len(content))]
		content = content[len(data):]
		var piece message
		piece.bytes(1, data)
		piece.bytes(2, hash[:])
		piece.number(3, index)
		parts = append(parts, part(2, piece))
	}
	for _, one := range parts {
		if err := stream.MsgSend((*[]byte)(&one), wire{}); err != nil {
			break // The answer says why.
		}
	}
	_ = stream.CloseSend()
	var answer []byte
	return stream.MsgRecv(&answer, wire{})
}

func part(number protowire.Number, content message) message {
	var whole message
	whole.bytes(number, content)
	return whole
}

// download asks for a file; how many bytes came.
func (d *daemon) download(file string) (int, error) {
	stream, conn, err := d.stream("DownloadFile")
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	var request message
	request.text(1, file)
	request.number(2, moduleFiles)
	if err := stream.MsgSend((*[]byte)(&request), wire{}); err != nil {
		return 0, err
	}
	if err := stream.CloseSend(); err != nil {
		return 0, err
	}
	var content, hash []byte
	for {
		var bundle []byte
		err := stream.MsgRecv(&bundle, wire{})
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return 0, err
		}
		upload, err := parse(bundle)
		if err != nil {
			return 0, err
		}
		file, err := parse(upload.last(1).bytes)
		if err != nil {
			return 0, err
		}
		piece, err := parse(upload.last(2).bytes)
		if err != nil {
			return 0, err
		}
		hash = append(hash, file.last(2).bytes...)
		content = append(content, piece.last(1).bytes...)
	}
	if sum := sha256.Sum256(content); !bytes.Equal(sum[:], hash) {
		return 0, errors.New("the file is not the one that was announced")
	}
	return len(content), nil
}
