package main

import (
	"google.golang.org/protobuf/encoding/protowire"
	"storj.io/drpc"
)

// wire hands messages over as bytes.
type wire struct{}

func (wire) Marshal(message drpc.Message) ([]byte, error) { return *message.(*[]byte), nil }

func (wire) Unmarshal(bytes []byte, message drpc.Message) error {
	*message.(*[]byte) = append([]byte{}, bytes...)
	return nil
}

// message is a protobuf message that is being written.
type message []byte

func (m *message) bytes(number protowire.Number, value []byte) {
	*m = protowire.AppendTag(*m, number, protowire.BytesType)
	*m = protowire.AppendBytes(*m, value)
}

func (m *message) text(number protowire.Number, value string) {
	if value != "" {
		m.bytes(number, []byte(value))
	}
}

func (m *message) number(number protowire.Number, value int64) {
	if value != 0 {
		*m = protowire.AppendTag(*m, number, protowire.VarintType)
		*m = protowire.AppendVarint(*m, uint64(value))
	}
}

func (m *message) flag(number protowire.Number, value bool) {
	if value {
		m.number(number, 1)
	}
}

// field is a member that was read: a number or bytes, by its type.
type field struct {
	number uint64
	bytes  []byte
}

// fields is a protobuf message that was read.
type fields map[protowire.Number][]field

func parse(bytes []byte) (fields, error) {
	read := fields{}
	for len(bytes) > 0 {
		number, kind, n := protowire.ConsumeTag(bytes)
		if n < 0 {
			return nil, protowire.ParseError(n)
		}
		bytes = bytes[n:]
		var value field
		switch kind {
		case protowire.VarintType:
			value.number, n = protowire.ConsumeVarint(bytes)
		case protowire.BytesType:
			value.bytes, n = protowire.ConsumeBytes(bytes)
		default:
			n = protowire.ConsumeFieldValue(number, kind, bytes)
		}
		if n < 0 {
			return nil, protowire.ParseError(n)
		}
		bytes = bytes[n:]
		read[number] = append(read[number], value)
	}
	return read, nil
}

// last is the member's value: the last one counts.
func (f fields) last(number protowire.Number) field {
	if values := f[number]; len(values) > 0 {
		return values[len(values)-1]
	}
	return field{}
}

func (f fields) text(number protowire.Number) string { return string(f.last(number).bytes) }

func (f fields) flag(number protowire.Number) bool { return f.last(number).number != 0 }

func (f fields) has(number protowire.Number) bool { return len(f[number]) > 0 }
