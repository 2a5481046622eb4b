package main

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
)

// template is what `template.json` declares. `${var.NAME}` in a default value of a parameter stands for the variable's value.
type template struct {
	Variables  []variable  `json:"variables"`
	Parameters []parameter `json:"parameters"`
	Resources  []resource  `json:"resources"`
}

type variable struct {
	Name         string `json:"name"`
	Description  string `json:"description"`
	Type         string `json:"type"`
	DefaultValue string `json:"default_value"`
	Required     bool   `json:"required"`
	Sensitive    bool   `json:"sensitive"`
}

type parameter struct {
	Name         string   `json:"name"`
	Description  string   `json:"description"`
	Type         string   `json:"type"`
	Mutable      bool     `json:"mutable"`
	DefaultValue string   `json:"default_value"`
	Options      []option `json:"options"`
	Required     bool     `json:"required"`
	DisplayName  string   `json:"display_name"`
	Order        int64    `json:"order"`
}

type option struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type resource struct {
	Name      string   `json:"name"`
	Type      string   `json:"type"`
	Agents    []string `json:"agents"`
	DailyCost int64    `json:"daily_cost"`
}

// archive is what a template's archive holds.
type archive struct {
	names    []string
	readme   []byte
	template template
}

func read(bundle []byte) (archive, error) {
	var found archive
	var declared []byte
	entries := tar.NewReader(bytes.NewReader(bundle))
	for {
		entry, err := entries.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return found, fmt.Errorf("the archive cannot be read: %w", err)
		}
		if entry.Typeflag != tar.TypeReg {
			continue
		}
		content, err := io.ReadAll(entries)
		if err != nil {
			return found, fmt.Errorf("%s cannot be read: %w", entry.Name, err)
		}
		found.names = append(found.names, entry.Name)
		switch path.Clean(entry.Name) {
		case "README.md":
			found.readme = content
		case "template.json":
			declared = content
		}
	}
	if declared == nil {
		return found, errors.New("the archive has no template.json")
	}
	decoder := json.NewDecoder(bytes.NewReader(declared))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&found.template); err != nil {
		return found, fmt.Errorf("template.json cannot be read: %w", err)
	}
	return found, nil
}

func (v variable) message() message {
	var m message
	m.text(1, v.Name)
	m.text(2, v.Description)
	m.text(3, v.Type)
	m.text(4, v.DefaultValue)
	m.flag(5, v.Required)
	m.flag(6, v.Sensitive)
	return m
}

func (p parameter) message(values map[string]string) message {
	var m message
	m.text(1, p.Name)
	m.text(2, p.Description)
	m.text(3, p.Type)
	m.flag(4, p.Mutable)
	m.text(5, filled(p.DefaultValue, values))
	for _, one := range p.Options {
		var o message
		o.text(1, one.Name)
		o.text(3, one.Value)
		m.bytes(7, o)
	}
	m.flag(13, p.Required)
	m.text(15, p.DisplayName)
	m.number(16, p.Order)
	return m
}

func (r resource) message() message {
	var m message
	m.text(1, r.Name)
	m.text(2, r.Type)
	for _, name := range r.Agents {
		var agent message
		agent.text(2, name)
		m.bytes(3, agent)
	}
	m.number(8, r.DailyCost)
	return m
}

func filled(text string, values map[string]string) string {
	for name, value := range values {
		text = strings.ReplaceAll(text, "${var."+name+"}", value)
	}
	return text
}
