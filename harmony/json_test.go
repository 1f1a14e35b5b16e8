package harmony

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/harmony-go/sdk/schema"
)

// readLines returns the lines of a JSON Lines file, each read into a T.
func readLines[T any](t testing.TB, path string) []T {
	f, err := os.Open(path)
	require.NoError(t, err)
	defer f.Close()
	var out []T
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 4<<20)
	for lines.Scan() {
		var row T
		require.NoError(t, json.Unmarshal(lines.Bytes(), &row))
		out = append(out, row)
	}
	require.NoError(t, lines.Err())
	return out
}

// rustRow is a line of testdata/rust.jsonl: what the crate makes of a document (see record.py there).
type rustRow struct {
	JSON    string
	Written *string
	Error   string
}

func TestRust(t *testing.T) {
	accepted, refused := 0, 0
	for _, row := range readLines[rustRow](t, "testdata/rust.jsonl") {
		c, err := ParseConversation([]byte(row.JSON))
		if row.Written == nil {
			refused++
			var place *JSONError
			if assert.Truef(t, errors.As(err, &place), "%.300s: the crate says %s, got %v", row.JSON, row.Error, err) {
				assert.GreaterOrEqual(t, place.Offset, 0)
				assert.LessOrEqual(t, place.Offset, len(row.JSON))
				assert.Regexp(t, `^harmony: expected .+, found .+ at byte \d+$`, err.Error())
			}
			assert.Empty(t, c)
			continue
		}
		accepted++
		if assert.NoErrorf(t, err, "%.300s", row.JSON) {
			assert.Equal(t, *row.Written, string(AppendConversation(nil, &c)), row.JSON)
			written, err := c.MarshalJSON()
			require.NoError(t, err)
			assert.Equal(t, *row.Written, string(written))
			checkIdentity(t, &c)
		}
	}
	assert.Greater(t, accepted, 100)
	assert.Greater(t, refused, 60)
}

// What we write, the wheel's from_json has read; what its to_json wrote then, we read as the same.
func TestPython(t *testing.T) {
	type row struct {
		Written string
		ToJSON  string `json:"to_json"`
	}
	rows := readLines[row](t, "testdata/python.jsonl")
	require.Greater(t, len(rows), 50)
	for _, row := range rows {
		for _, doc := range []string{row.Written, row.ToJSON} {
			c, err := ParseConversation([]byte(doc))
			if assert.NoError(t, err, doc) {
				assert.Equal(t, row.Written, string(AppendConversation(nil, &c)))
			}
		}
	}
}

// The conformance vectors tell which conversations the reference refuses to read.
func TestVectors(t *testing.T) {
	type row struct {
		Conversation json.RawMessage
		Raw          *string `json:"conversation_raw"`
		Error        string
	}
	refused := 0
	rows := readLines[row](t, "../conformance/testdata/vectors/render.jsonl")
	require.Greater(t, len(rows), 400)
	for _, row := range rows {
		doc := []byte(row.Conversation)
		if row.Raw != nil {
			doc = []byte(*row.Raw)
		}
		c, err := ParseConversation(doc)
		if strings.HasPrefix(row.Error, "invalid conversation JSON") {
			refused++
			assert.Errorf(t, err, "%.300s: the reference says %s", doc, row.Error)
			continue
		}
		if assert.NoErrorf(t, err, "%.300s", doc) {
			checkIdentity(t, &c)
		}
	}
	assert.Greater(t, refused, 10)
}

// checkIdentity writes c, reads it back, and compares.
func checkIdentity(t testing.TB, c *Conversation) {
	doc := AppendConversation(nil, c)
	back, err := ParseConversation(doc)
	require.NoErrorf(t, err, "own output %s", doc)
	require.Equal(t, len(c.Messages), len(back.Messages))
	for i := range c.Messages {
		requireSame(t, &c.Messages[i], &back.Messages[i])
	}
	require.Equal(t, string(doc), string(AppendConversation(nil, &back)))
}

// requireSame compares two messages field by field. Schemas are the same when their compact texts are.
func requireSame(t testing.TB, a, b *Message) {
	normal := func(m *Message) Message {
		n := *m
		n.Content = []Content{}
		for _, c := range m.Content {
			switch c := c.(type) {
			case *SystemContent:
				d := *c
				d.Tools = normalTools(c.Tools)
				n.Content = append(n.Content, &d)
			case *DeveloperContent:
				d := *c
				d.Tools = normalTools(c.Tools)
				n.Content = append(n.Content, &d)
			default:
				n.Content = append(n.Content, c)
			}
		}
		return n
	}
	require.Equal(t, normal(a), normal(b))
}

func normalTools(tools map[string]Namespace) map[string]Namespace {
	if tools == nil {
		return nil
	}
	out := map[string]Namespace{}
	for key, ns := range tools {
		list := []Tool{}
		for _, tool := range ns.Tools {
			if tool.Parameters != nil {
				tool.Parameters = schema.MustParse(string(tool.Parameters.AppendCompact(nil)))
			}
			list = append(list, tool)
		}
		ns.Tools = list
		out[key] = ns
	}
	return out
}

func TestErrors(t *testing.T) {
	developer := func(tools string) string {
		return `{"messages":[{"role":"developer","content":[{"type":"developer_content","tools":` + tools + `}]}]}`
	}
	rows := []struct{ doc, want string }{
		{`[`, `harmony: expected a value or ']', found the end of the document at byte 1`},
		{`1`, `harmony: expected a conversation, found a number at byte 0`},
		{`{"messages":{}}`, `harmony: expected an array, found an object in /messages at byte 12`},
		{`{"messages":[]`, `harmony: expected a comma or '}', found the end of the document at byte 14`},
		{`{"messages":[1]}`, `harmony: expected a message, found a number in /messages/0 at byte 13`},
		{`{"messages":[{"role":"user","content":""}],"a/b~":[1,]}`, `harmony: expected a value after the comma, found ']' in /a~1b~0 at byte 53`},
		{`{"messages":[{"role":"User","content":""}]}`, `harmony: expected a role, found "User" in /messages/0/role at byte 21`},
		{`{"messages":[{"role":"user","content":""},{"role":"user"}]}`, `harmony: expected a message with a field "content", found none in /messages/1 at byte 42`},
		{`{"messages":[{"role":"user","content":"","name":1}]}`, `harmony: expected a string, found a number in /messages/0/name at byte 48`},
		{`{"messages":[{"role":"user","content":"","content":""}]}`, `harmony: expected each field once, found another "content" in /messages/0 at byte 41`},
		{`{"messages":[{"role":"user","content":[{"type":"image"}]}]}`, `harmony: expected a content type, found "image" in /messages/0/content/0 at byte 39`},
		{`{"messages":[{"role":"user","content":[{"type":"text"}]}]}`, `harmony: expected text content with a field "text", found none in /messages/0/content/0 at byte 39`},
		{`{"messages":[{"role":"user","content":"\x"}]}`, `harmony: expected one of "\/bfnrtu after a backslash, found 'x' in /messages/0/content at byte 40`},
		{`{"messages":[{"role":"user","content":[["text",1]]}]}`, `harmony: expected a string, found a number in /messages/0/content/0/1 at byte 47`},
		{developer(`{"x":{"name":"n","tools":[{"name":"f","description":"d","parameters":{"a":1e999}}]}}`),
			`harmony: expected a number within float64, found 1e999 in /messages/0/content/0/tools/x/tools/0/parameters at byte 154`},
		{developer(`{"a/b":{"tools":[]}}`), `harmony: expected a namespace of tools with a field "name", found none in /messages/0/content/0/tools/a~1b at byte 87`},
		{developer(`[]`), `harmony: expected an object of namespaces, found an array in /messages/0/content/0/tools at byte 80`},
		{`{"messages":[{"role":"system","content":[{"type":"system_content","reasoning_effort":"low"}]}]}`,
			`harmony: expected Low, Medium or High, found "low" in /messages/0/content/0/reasoning_effort at byte 85`},
		{"{\"messages\":[{\"role\":\"user\",\"content\":\"\xff\"}]}", `harmony: expected UTF-8, found byte 0xff at byte 39`},
		{`{"messages":[]} x`, `harmony: expected the end of the document, found 'x' at byte 16`},
	}
	for _, row := range rows {
		c := Conversation{Messages: []Message{NewUser("kept")}}
		err := c.UnmarshalJSON([]byte(row.doc))
		assert.EqualError(t, err, row.want)
		assert.Equal(t, "kept", c.Messages[0].Text())
	}
	long := `{"messages":[{"role":"` + strings.Repeat("x", 10_000) + `"`
	_, err := ParseConversation([]byte(long))
	assert.Less(t, len(err.Error()), 200)
}

func TestMarshalErrors(t *testing.T) {
	rows := []struct {
		m    Message
		want string
	}{
		{Message{}, `harmony: expected a role, found "" in /role`},
		{Message{Role: "Assistant"}, `harmony: expected a role, found "Assistant" in /role`},
		{Message{Role: RoleUser, Content: []Content{Text("a"), nil}}, `harmony: expected content, found nil in /content/1`},
		{NewSystem(nil), `harmony: expected content, found nil in /content/0`},
		{NewDeveloper(nil), `harmony: expected content, found nil in /content/0`},
		{NewSystem(&SystemContent{ReasoningEffort: "High"}), `harmony: expected low, medium or high, found "High" in /content/0/reasoning_effort`},
	}
	for _, row := range rows {
		_, err := row.m.MarshalJSON()
		assert.EqualError(t, err, row.want)
		_, err = Conversation{Messages: []Message{NewUser(""), row.m}}.MarshalJSON()
		assert.EqualError(t, err, strings.Replace(row.want, " in /", " in /messages/1/", 1))
		assert.True(t, json.Valid(AppendMessage(nil, &row.m)))
	}
}

// Every type goes through encoding/json in openai-harmony's shape.
func TestEncodingJSON(t *testing.T) {
	rows := []struct {
		value, into any
		want        string
	}{
		{NewUser("hi"), new(Message), `{"role":"user","content":"hi"}`},
		{Conversation{}, new(Conversation), `{"messages":[]}`},
		{Tool{Name: "f", Parameters: schema.MustParse(`{ "type" : "object" }`)}, new(Tool), `{"name":"f","description":"","parameters":{"type":"object"}}`},
		{Namespace{Name: "n", Empty: FieldDescription}, new(Namespace), `{"name":"n","description":"","tools":[]}`},
		{ChannelConfig{ChannelRequired: true}, new(ChannelConfig), `{"valid_channels":[],"channel_required":true}`},
		{DeveloperContent{Instructions: "i"}, new(DeveloperContent), `{"type":"developer_content","instructions":"i","tools":null}`},
		{*NewSystemContent(), new(SystemContent), `{"type":"system_content","model_identity":"You are ChatGPT, a large language model trained by OpenAI.","reasoning_effort":"Medium","tools":null,"conversation_start_date":null,"knowledge_cutoff":"2024-06","channel_config":{"valid_channels":["analysis","commentary","final"],"channel_required":true}}`},
	}
	for _, row := range rows {
		doc, err := json.Marshal(row.value)
		require.NoError(t, err)
		assert.Equal(t, row.want, string(doc))
		require.NoError(t, json.Unmarshal(doc, row.into))
		again, err := json.Marshal(row.into)
		require.NoError(t, err)
		assert.Equal(t, row.want, string(again))
		before := string(again)
		assert.Error(t, row.into.(json.Unmarshaler).UnmarshalJSON([]byte(`{"name":1,"role":"user","instructions":[],"model_identity":{},"messages":0,"valid_channels":0}`)))
		after, err := json.Marshal(row.into)
		require.NoError(t, err)
		assert.Equal(t, before, string(after), "a failing call has changed something")
	}
}

// Standing alone, a content needs no type, but it may not have another's.
func TestContentType(t *testing.T) {
	var s SystemContent
	require.NoError(t, s.UnmarshalJSON([]byte(`{"model_identity":""}`)))
	assert.Equal(t, SystemContent{Empty: FieldModelIdentity}, s)
	require.NoError(t, s.UnmarshalJSON([]byte(`{"type":"system_content"}`)))
	assert.EqualError(t, s.UnmarshalJSON([]byte(`{"type":"text"}`)), `harmony: expected "system_content", found "text" in /type at byte 8`)
	var d DeveloperContent
	require.NoError(t, d.UnmarshalJSON([]byte(`{"tools":{}}`)))
	assert.Equal(t, DeveloperContent{Tools: map[string]Namespace{}}, d)
	assert.Error(t, d.UnmarshalJSON([]byte(`{"type":"system_content"}`)))
}

func TestNeverCaseInsensitive(t *testing.T) {
	c, err := ParseConversation([]byte(`{"messages":[{"Role":"user","role":"tool","CONTENT":1,"content":"x","Name":"n","ſ":0}],"Messages":1}`))
	require.NoError(t, err)
	assert.Equal(t, Message{Role: RoleTool, Content: []Content{Text("x")}}, c.Messages[0])
}

// A schema keeps its own spelling, so that it is rendered the same after a round trip.
func TestSchemaSpelling(t *testing.T) {
	doc := `{"messages":[{"role":"developer","content":[{"type":"developer_content","instructions":null,"tools":{"functions":` +
		`{"name":"functions","description":null,"tools":[{"name":"f","description":"","parameters":{"a":1E5,"a":"\u0041","b":1.2345678901234567e+25}}]}}}]}]}`
	c, err := ParseConversation([]byte(strings.ReplaceAll(doc, `,"b"`, " ,\n \"b\"")))
	require.NoError(t, err)
	assert.Equal(t, doc, string(AppendConversation(nil, &c)))
}

func TestInvalidUTF8IsReplaced(t *testing.T) {
	m := NewUser("a\xff\xe2\x82b")
	assert.Equal(t, "{\"role\":\"user\",\"content\":\"a\ufffd\ufffd\ufffdb\"}", string(AppendMessage(nil, &m)))
}

// The built-in namespaces are those of the wheel (openai_harmony.get_tool_namespace_config, 0.0.8), which
// testdata/python.jsonl has in its first line.
func TestBuiltins(t *testing.T) {
	rows := readLines[struct{ Written string }](t, "testdata/python.jsonl")
	var c Conversation
	require.NoError(t, c.UnmarshalJSON([]byte(rows[0].Written)))
	recorded := c.Messages[0].Content[0].(*SystemContent)
	var ours SystemContent
	ours.AddTools(Python())
	ours.AddTools(Browser())
	assert.Equal(t, normalTools(recorded.Tools), normalTools(ours.Tools))
	python := Python()
	assert.Equal(t, string(appendNamespaces(nil, recorded.Tools)), string(appendNamespaces(nil, map[string]Namespace{"browser": Browser(), "python": python})))
	python.Tools = append(python.Tools, Tool{Name: "x"})
	assert.Empty(t, Python().Tools)
}

// A long document costs memory in proportion, and no time beyond it.
func TestLargeDocuments(t *testing.T) {
	deep := `{"messages":[],"u":` + strings.Repeat(`[`, 1_000_000) + strings.Repeat(`]`, 1_000_000) + `}`
	_, err := ParseConversation([]byte(deep))
	assert.NoError(t, err)
	_, err = ParseConversation([]byte(strings.Repeat(`[[{"content":`, 100_000)))
	assert.Error(t, err)
	many := `{"messages":[` + strings.Repeat(`{"role":"user","content":""},`, 100_000) + `{"role":"user","content":""}]}`
	c, err := ParseConversation([]byte(many))
	require.NoError(t, err)
	assert.Len(t, c.Messages, 100_001)
}

// FuzzConversation: what is read and written is read back the same.
func FuzzConversation(f *testing.F) {
	for _, row := range readLines[rustRow](f, "testdata/rust.jsonl") {
		f.Add([]byte(row.JSON))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		c, err := ParseConversation(doc)
		if err != nil {
			if e := (*JSONError)(nil); !errors.As(err, &e) || e.Offset < 0 || e.Offset > len(doc) {
				t.Fatalf("%#v", err)
			}
			return
		}
		if written, err := c.MarshalJSON(); err != nil || !json.Valid(written) || bytes.ContainsAny(written, "\n") {
			t.Fatalf("%v: %s", err, written)
		}
		checkIdentity(t, &c)
	})
}

// FuzzMessage: a message of any strings comes back the same.
func FuzzMessage(f *testing.F) {
	f.Add(uint8(3), "a", "functions.f", "final", "json", "text", uint16(0))
	f.Add(uint8(4), "", "", "", "", "\x00\"\\\u2028<|end|>", uint16(0xffff))
	f.Fuzz(func(t *testing.T, role uint8, name, recipient, channel, contentType, text string, empty uint16) {
		valid := func(s string) string { return strings.ToValidUTF8(s, "") }
		m := Message{
			Role: Role(roleNames[int(role)%len(roleNames)]), Name: valid(name), Recipient: valid(recipient),
			Channel: Channel(valid(channel)), ContentType: valid(contentType), Content: []Content{Text(valid(text))},
		}
		for field, value := range map[Fields]string{
			FieldName: m.Name, FieldRecipient: m.Recipient, FieldChannel: string(m.Channel), FieldContentType: m.ContentType,
		} {
			if value == "" {
				m.Empty |= Fields(empty) & field
			}
		}
		doc, err := m.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		var back Message
		if err := back.UnmarshalJSON(doc); err != nil {
			t.Fatal(err)
		}
		require.Equal(t, m, back)
	})
}

// benchConversation is a conversation of an agent: 40 messages, 20 tools.
func benchConversation() []byte {
	var tools []Tool
	for range 20 {
		tools = append(tools, Tool{Name: "get_weather", Description: "Gets the current weather.", Parameters: schema.MustParse(`{"type":"object","properties":{"location":{"type":"string","description":"The city and state"},"format":{"type":"string","enum":["celsius","fahrenheit"],"default":"celsius"}},"required":["location"]}`)})
	}
	c := Conversation{Messages: []Message{NewSystem(NewSystemContent()), NewDeveloper(NewDeveloperContent("Be brief.", tools...))}}
	for range 10 {
		call := NewCall("functions.get_weather", `{"location": "San Francisco, CA"}`)
		c.Messages = append(c.Messages, NewUser(strings.Repeat("What is the weather like?\n", 10)), call,
			NewResult(&call, strings.Repeat(`{"temperature": 20, "sunny": true}`, 10)), NewAssistant(ChannelFinal, strings.Repeat("It is sunny, and 20 degrees. ", 20)))
	}
	return AppendConversation(nil, &c)
}

func BenchmarkParseConversation(b *testing.B) {
	doc := benchConversation()
	b.SetBytes(int64(len(doc)))
	b.ReportAllocs()
	for b.Loop() {
		if c, err := ParseConversation(doc); err != nil || len(c.Messages) != 42 {
			b.Fatal(err)
		}
	}
}

func BenchmarkAppendConversation(b *testing.B) {
	doc := benchConversation()
	c, err := ParseConversation(doc)
	if err != nil || !bytes.Equal(doc, AppendConversation(nil, &c)) {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(doc)))
	b.ReportAllocs()
	for b.Loop() {
		doc = AppendConversation(doc[:0], &c)
	}
}
