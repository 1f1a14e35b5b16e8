package harmony

import (
	"strconv"

	"github.com/harmony-go/sdk/internal/ojson"
	"github.com/harmony-go/sdk/schema"
)

// The records follow the structures of openai/harmony, src/chat.rs, version 0.0.8. The type of a content
// stands where serde's array form has it.
var (
	systemRecord = record{
		what: "system content",
		names: []string{"type", "model_identity", "reasoning_effort", "tools", "conversation_start_date",
			"knowledge_cutoff", "channel_config"},
		required: 1,
	}
	developerRecord = record{
		what: "developer content", names: []string{"type", "instructions", "tools"}, required: 1,
	}
	channelsRecord = record{
		what: "a channel configuration", names: []string{"valid_channels", "channel_required"}, required: 1<<0 | 1<<1,
	}
	namespaceRecord = record{
		what: "a namespace of tools", names: []string{"name", "description", "tools"}, required: 1<<0 | 1<<2,
	}
	toolRecord = record{
		what: "a tool", names: []string{"name", "description", "parameters"}, required: 1<<0 | 1<<1,
	}
)

// effortNames are the names of the efforts in JSON; efforts has them in the same order.
var (
	effortNames = []string{"Low", "Medium", "High"}
	efforts     = []Effort{EffortLow, EffortMedium, EffortHigh}
)

func (d *decoder) systemContent(c *SystemContent, rec *record) error {
	return d.record(rec, func(field int) error {
		switch field {
		case 0:
			return d.knownTag(contentTypes[1])
		case 1:
			return d.optional(&c.ModelIdentity, &c.Empty, FieldModelIdentity)
		case 2:
			return d.effort(c)
		case 3:
			return d.namespaces(&c.Tools)
		case 4:
			return d.optional(&c.ConversationStartDate, &c.Empty, FieldConversationStartDate)
		case 5:
			return d.optional(&c.KnowledgeCutoff, &c.Empty, FieldKnowledgeCutoff)
		}
		return d.channels(c)
	})
}

func (d *decoder) developerContent(c *DeveloperContent, rec *record) error {
	return d.record(rec, func(field int) error {
		switch field {
		case 0:
			return d.knownTag(contentTypes[2])
		case 1:
			return d.optional(&c.Instructions, &c.Empty, FieldInstructions)
		}
		return d.namespaces(&c.Tools)
	})
}

// knownTag reads the type of a content, which can only be the one given.
func (d *decoder) knownTag(tag string) error {
	start := d.r.Offset()
	found, err := d.tagValue()
	if err == nil && string(found) != tag {
		return mismatch(start, strconv.Quote(tag), quote(string(found)))
	}
	return err
}

func (d *decoder) effort(c *SystemContent) error {
	if null, err := d.null(); null || err != nil {
		return err
	}
	i, err := d.oneOf("Low, Medium or High", effortNames)
	if err == nil {
		c.ReasoningEffort = efforts[i]
	}
	return err
}

func (d *decoder) channels(c *SystemContent) error {
	if null, err := d.null(); null || err != nil {
		return err
	}
	c.ChannelConfig = new(ChannelConfig)
	return d.channelConfig(c.ChannelConfig)
}

func (d *decoder) channelConfig(c *ChannelConfig) error {
	return d.record(&channelsRecord, func(field int) (err error) {
		if field == 0 {
			c.ValidChannels = []string{}
			return d.items(func(int) error {
				s, err := d.text()
				c.ValidChannels = append(c.ValidChannels, s)
				return err
			})
		}
		if d.r.Kind() != ojson.Bool {
			return d.unexpected("true or false")
		}
		c.ChannelRequired, err = d.r.Bool()
		return err
	})
}

// namespaces reads an object of namespaces, or null. Of a key that is repeated the last value counts.
func (d *decoder) namespaces(dst *map[string]Namespace) error {
	if null, err := d.null(); null || err != nil {
		return err
	}
	if d.r.Kind() != ojson.Object {
		return d.unexpected("an object of namespaces")
	}
	if err := d.r.Open(); err != nil {
		return err
	}
	tools := map[string]Namespace{}
	for first := true; ; first = false {
		key, ok, err := d.r.Key(first)
		if err != nil {
			return err
		}
		if !ok {
			*dst = tools
			return nil
		}
		name := intern(key)
		var ns Namespace
		if err := d.namespace(&ns); err != nil {
			return under(err, name)
		}
		tools[name] = ns
	}
}

func (d *decoder) namespace(ns *Namespace) error {
	return d.record(&namespaceRecord, func(field int) (err error) {
		switch field {
		case 0:
			ns.Name, err = d.text()
			return err
		case 1:
			return d.optional(&ns.Description, &ns.Empty, FieldDescription)
		}
		ns.Tools = []Tool{}
		return d.items(func(i int) error {
			ns.Tools = append(ns.Tools, Tool{})
			return d.tool(&ns.Tools[i])
		})
	})
}

func (d *decoder) tool(t *Tool) error {
	return d.record(&toolRecord, func(field int) (err error) {
		switch field {
		case 0:
			t.Name, err = d.text()
		case 1:
			t.Description, err = d.text()
		default:
			t.Parameters, err = d.schema()
		}
		return err
	})
}

// schema reads any value as a schema, and null as none.
func (d *decoder) schema() (*schema.Schema, error) {
	if null, err := d.null(); null || err != nil {
		return nil, err
	}
	start := d.r.Mark()
	if err := d.r.Skip(); err != nil {
		return nil, err
	}
	return schema.Parse(d.r.Since(start))
}
