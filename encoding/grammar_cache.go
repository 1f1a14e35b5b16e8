package encoding

import (
	"bytes"
	"encoding/json"
	"sync"

	"github.com/harmony-go/sdk/schema"
	"github.com/harmony-go/sdk/schema/constrain"
)

// schemaGrammars remembers the grammars of schemas, by what the schemas say: servers are sent the same tools with every request.
var schemaGrammars = grammarCache{entries: map[schemaKey]*constrain.Grammar{}}

// A grammarCache has room for the tools of some programs. A grammar grows to some hundred KiB of masks, 8 MiB at most.
type grammarCache struct {
	mu      sync.Mutex
	entries map[schemaKey]*constrain.Grammar
	bytes   int // of the keys
}

const (
	maxCachedGrammars = 64
	maxCachedSchemas  = 4 << 20 // bytes of all of them
)

type schemaKey struct {
	schema    string // compact
	arguments bool   // it is that of arguments: see grammarOf
	options   constrain.Options
}

// noArguments is the schema of the arguments of a tool without parameters.
const noArguments = `{"type":"object","maxProperties":0}`

// grammarOf returns the grammar of a schema; of an object's, where the schema is that of arguments and does not state a type.
// nil, and null, are the schema of arguments of which there are none.
func grammarOf(s *schema.Schema, arguments bool, o *constrain.Options) (*constrain.Grammar, error) {
	k := schemaKey{schema: "null", arguments: arguments}
	if s != nil {
		k.schema = string(s.AppendCompact(nil))
	}
	if o != nil {
		k.options = *o
	}
	if g := schemaGrammars.get(k); g != nil {
		return g, nil
	}
	text := k.schema
	switch {
	case !arguments:
	case text == "null":
		text = noArguments
	default:
		text = objectSchema(text)
	}
	doc, err := schema.Parse([]byte(text))
	if err != nil {
		return nil, err
	}
	g, err := constrain.Compile(doc, &k.options)
	if err != nil {
		return nil, err
	}
	schemaGrammars.put(k, g)
	return g, nil
}

// objectSchema returns a compact schema with the type of an object, if it states none. Its pointers stay what they are.
func objectSchema(s string) string {
	const object = `{"type":"object"`
	var keys map[string]json.RawMessage
	if s == "true" {
		return object + "}"
	}
	if json.Unmarshal([]byte(s), &keys) != nil || keys == nil || keys["type"] != nil {
		return s
	}
	rest := bytes.TrimPrefix([]byte(s), []byte("{"))
	if len(keys) == 0 {
		return object + string(rest)
	}
	return object + "," + string(rest)
}

func (c *grammarCache) get(k schemaKey) *constrain.Grammar {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.entries[k]
}

func (c *grammarCache) put(k schemaKey, g *constrain.Grammar) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(k.schema) > maxCachedSchemas/4 {
		return
	}
	for old := range c.entries { // any
		if len(c.entries) < maxCachedGrammars && c.bytes+len(k.schema) <= maxCachedSchemas {
			break
		}
		delete(c.entries, old)
		c.bytes -= len(old.schema)
	}
	if _, there := c.entries[k]; !there {
		c.bytes += len(k.schema)
	}
	c.entries[k] = g
}
