package encoding_test

import (
	"fmt"

	"github.com/harmony-go/sdk/encoding"
	"github.com/harmony-go/sdk/harmony"
)

// The events of a completion, as they come.
func ExampleParser_Push() {
	e := encoding.GPTOSS()
	sampled := e.Tokenizer().EncodeSpecial("<|channel|>analysis<|message|>Easy.<|end|><|start|>assistant<|channel|>final<|message|>It is 4.<|return|>")

	p := e.NewParser(harmony.RoleAssistant, nil)
	for _, tok := range sampled {
		events, _ := p.Push(tok)
		for _, ev := range events {
			fmt.Printf("%s %s %q\n", ev.Message.Channel, ev.Kind, ev.Text)
		}
	}
	_, verdict, _ := p.Close(encoding.StopToken)
	fmt.Println(verdict)
	// Output:
	// analysis header ""
	// analysis delta "Easy"
	// analysis delta "."
	// analysis end ""
	// final header ""
	// final delta "It"
	// final delta " is"
	// final delta " "
	// final delta "4"
	// final delta "."
	// final end ""
	// final
}

// Text from an engine that sends no tokens: a marker may be cut anywhere.
func ExampleParser_PushText() {
	p := encoding.GPTOSS().NewParser(harmony.RoleAssistant, nil)
	for _, chunk := range []string{"<|chan", "nel|>final<|mess", "age|>Hel", "lo<|ret", "urn|>"} {
		events, _ := p.PushText(chunk)
		for _, ev := range events {
			fmt.Printf("%s %q\n", ev.Kind, ev.Text)
		}
	}
	// Output:
	// header ""
	// delta "Hel"
	// delta "lo"
	// end ""
}

// A stream with a fault is read all the same, and the fault is told.
func ExampleEncoding_Parse() {
	e := encoding.GPTOSS()
	toks := e.Tokenizer().EncodeSpecial(`<|channel|>commentary to=functions.f<|channel|>json<|message|>{"a":1}<|call|>`)
	r, _ := e.Parse(toks, harmony.RoleAssistant, nil)
	m := r.Messages[0]
	fmt.Println(m.Recipient, m.Channel, m.ContentType, m.Text(), r.Verdict)
	fmt.Println(r.Diagnostics[0])

	_, err := e.Parse(toks, harmony.RoleAssistant, &encoding.ParseOptions{Strict: true})
	fmt.Println(err)
	// Output:
	// functions.f commentary json {"a":1} tool_call
	// error STR-04 at 7: expected a content type or <|message|>, found a second <|channel|> before "json"
	// encoding: STR-04 at token 7: expected a content type or <|message|>, found a second <|channel|> before "json"
}

// A conversation with a tool: the second prompt begins with all that the engine has seen.
func ExampleTranscript() {
	e := encoding.GPTOSS()
	t := e.NewTranscript(nil)
	t.Append(harmony.NewUser("Weather in Paris?"))
	prompt, _, _ := t.Prompt(harmony.RoleAssistant)

	sampled := e.Tokenizer().EncodeSpecial(`<|channel|>commentary to=functions.weather <|constrain|>json<|message|>{"city":"Paris"}<|call|>`)
	call := t.AppendSampled(sampled, encoding.StopToken).Messages[0]
	t.Append(harmony.NewResult(&call.Message, `{"celsius":21}`))

	next, reuse, _ := t.Prompt(harmony.RoleAssistant)
	fmt.Println(reuse.Tokens == len(prompt)+len(sampled), len(next) > reuse.Tokens, reuse.Reason == encoding.ReuseAll)
	// Output:
	// true true true
}
