package schema

import (
	"slices"

	"github.com/harmony-go/sdk/internal/ojson"
)

// A node is an object of a document that For is making, in the order in which its members are set.
type node struct {
	members []nodeMember
}

// A nodeMember holds one of: the JSON text of a value, an object, or an array of objects.
type nodeMember struct {
	key  string
	text []byte
	node *node
	list []*node
}

func (n *node) find(key string) *nodeMember {
	for i := range n.members {
		if n.members[i].key == key {
			return &n.members[i]
		}
	}
	return nil
}

// set sets a member, in its old place if there is one.
func (n *node) set(m nodeMember) {
	if old := n.find(m.key); old != nil {
		*old = m
		return
	}
	n.members = append(n.members, m)
}

func (n *node) setText(key, json string) { n.set(nodeMember{key: key, text: []byte(json)}) }

func (n *node) setString(key, value string) {
	n.set(nodeMember{key: key, text: ojson.AppendString(nil, value)})
}

func (n *node) setNode(key string, value *node) { n.set(nodeMember{key: key, node: value}) }

func (n *node) delete(key string) {
	n.members = slices.DeleteFunc(n.members, func(m nodeMember) bool { return m.key == key })
}

// typeName returns the type that the node names, or "" if it names none or several.
func (n *node) typeName() string {
	m := n.find("type")
	if m == nil || len(m.text) < 2 || m.text[0] != '"' {
		return ""
	}
	return string(m.text[1 : len(m.text)-1])
}

// typed returns a node of one type.
func typed(name string) *node {
	n := &node{}
	n.setString("type", name)
	return n
}

func (n *node) append(dst []byte) []byte {
	dst = append(dst, '{')
	for i := range n.members {
		m := &n.members[i]
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(ojson.AppendString(dst, m.key), ':')
		switch {
		case m.node != nil:
			dst = m.node.append(dst)
		case m.list != nil:
			dst = appendNodes(dst, m.list)
		default:
			dst = append(dst, m.text...)
		}
	}
	return append(dst, '}')
}

func appendNodes(dst []byte, list []*node) []byte {
	dst = append(dst, '[')
	for i, n := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = n.append(dst)
	}
	return append(dst, ']')
}

// nodeOf makes a node of a document that a type describes itself with. Its values keep their text.
func nodeOf(raw []byte, doc *ojson.Value) *node {
	n := &node{}
	switch {
	case doc.Kind == ojson.Object:
		for _, m := range doc.Members {
			n.set(nodeMember{key: m.Key, text: textOf(raw, &m.Value)})
		}
	case doc.Kind == ojson.Bool && !doc.Bool:
		n.setText("not", "{}")
	}
	return n
}

// textOf returns the text of a value in the document it was read from.
func textOf(raw []byte, v *ojson.Value) []byte {
	r, err := ojson.NewReader(raw[v.Offset:], ojson.MaxDepth)
	if err != nil || r.Skip() != nil {
		return v.Append(nil) // cannot happen: raw has been read before
	}
	return raw[v.Offset : v.Offset+r.Last()]
}
