package document

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// maxParts bounds how large a tree can become: to have many nodes, a text needs
// commas or line ends. 64 MiB of lines and entries have fewer.
const maxParts = 8 << 20

// parse is the tree of text, in JSON or YAML; nil where there is nothing in
// it. JSON is YAML too, but its escapes are read better by its own library.
func parse(text []byte) (*yaml.Node, error) {
	if !utf8.Valid(text) {
		return nil, wrong("is not UTF-8: save the file as UTF-8")
	}
	if bytes.Count(text, []byte(","))+bytes.Count(text, []byte("\n")) > maxParts {
		return nil, wrong(fmt.Sprintf("has more than %d commas and line ends: make several documents of it", maxParts))
	}
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	if json.Valid(text) {
		d := json.NewDecoder(bytes.NewReader(text))
		d.UseNumber()
		return parseJSON(d)
	}
	root, err := parseYAML(text)
	if err != nil && bytes.HasPrefix(bytes.TrimSpace(text), []byte("{")) {
		if jsonErr, ok := errors.AsType[*json.SyntaxError](json.Unmarshal(text, new(json.RawMessage))); ok {
			line := 1 + bytes.Count(text[:jsonErr.Offset], []byte("\n"))
			return nil, wrong(fmt.Sprintf("can't be read: line %d: %s, if it is JSON; as YAML %v", line, jsonErr.Error(), err))
		}
	}
	if err != nil {
		return nil, wrong("can't be read as YAML: " + err.Error())
	}
	return root, nil
}

// parseYAML reads the one document in text.
func parseYAML(text []byte) (*yaml.Node, error) {
	d := yaml.NewDecoder(bytes.NewReader(text))
	var first, second yaml.Node
	switch err := d.Decode(&first); {
	case errors.Is(err, io.EOF):
		return nil, nil
	case err != nil:
		return nil, plainly(err)
	case len(first.Content) == 0:
		return nil, nil
	}
	if err := d.Decode(&second); !errors.Is(err, io.EOF) {
		return nil, errors.New("it has several documents in it, parted by ---: give one at a time")
	}
	return first.Content[0], nil
}

// plainly is an error of the library on one line.
func plainly(err error) error {
	return errors.New(strings.Join(strings.Fields(strings.TrimPrefix(err.Error(), "yaml: ")), " "))
}

// parseJSON reads a value that is known to be valid.
func parseJSON(d *json.Decoder) (*yaml.Node, error) {
	token, err := d.Token()
	if err != nil {
		return nil, wrong("can't be read as JSON: " + err.Error())
	}
	switch v := token.(type) {
	case json.Delim:
		return parseItems(d, v)
	case string:
		return &yaml.Node{Kind: yaml.ScalarNode, Style: yaml.DoubleQuotedStyle, Value: v}, nil
	case json.Number:
		return &yaml.Node{Kind: yaml.ScalarNode, Value: v.String()}, nil
	case bool:
		return &yaml.Node{Kind: yaml.ScalarNode, Value: strconv.FormatBool(v)}, nil
	default:
		return &yaml.Node{Kind: yaml.ScalarNode}, nil
	}
}

// parseItems reads on to the end of an object or an array.
func parseItems(d *json.Decoder, open json.Delim) (*yaml.Node, error) {
	n := &yaml.Node{Kind: yaml.MappingNode}
	if open == '[' {
		n.Kind = yaml.SequenceNode
	}
	for d.More() {
		item, err := parseJSON(d)
		if err != nil {
			return nil, err
		}
		n.Content = append(n.Content, item)
	}
	_, err := d.Token()
	return n, err
}
