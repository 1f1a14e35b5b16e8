package encoding

import (
	"strings"
	"testing"

	"github.com/harmony-go/sdk/harmony"
)

// benchStreams are completions of the kinds that are streamed: each is one turn, repeated messages as a model writes them.
func benchStreams() map[string][]Token {
	e := GPTOSS()
	prose := strings.Repeat("The user asks about the weather in Paris, so I should look it up before I answer; the tool needs a city. ", 20)
	code := strings.Repeat("func (s *Server) handle(w http.ResponseWriter, r *http.Request) {\n\tif err := s.check(r.Context()); err != nil {\n\t\treturn\n\t}\n}\n", 15)
	multi := strings.Repeat("Погода в Париже сегодня хорошая. 今日は天気がいいから、公園でコーヒーを飲みながら読みました。😀👩‍👩‍👧 ", 12)
	args := `{"city":"Paris","days":[1,2,3],"unit":"celsius","note":"` + strings.Repeat("a b c ", 30) + `"}`
	turn := func(text string) []Token {
		return e.tok.EncodeSpecial("<|channel|>analysis<|message|>" + text + "<|end|><|start|>assistant<|channel|>commentary to=functions.get_weather <|constrain|>json<|message|>" +
			args + "<|call|><|start|>functions.get_weather to=assistant<|channel|>commentary<|message|>{\"ok\":true}<|end|><|start|>assistant<|channel|>final<|message|>" + text + "<|return|>")
	}
	short := e.tok.EncodeSpecial("<|channel|>analysis<|message|>Easy.<|end|>" + strings.Repeat("<|start|>assistant<|channel|>final<|message|>Yes.<|end|>", 30))
	return map[string][]Token{"prose": turn(prose), "code": turn(code), "multilingual": turn(multi), "short": short}
}

func BenchmarkPush(b *testing.B) {
	for name, toks := range benchStreams() {
		b.Run(name, func(b *testing.B) {
			e := GPTOSS()
			want, err := e.Parse(toks, harmony.RoleAssistant, nil)
			if err != nil || want.Verdict != VerdictFinal || len(want.Diagnostics) > 1 {
				b.Fatal(err, want.Verdict, want.Diagnostics)
			}
			p := e.NewParser(harmony.RoleAssistant, nil)
			b.ReportAllocs()
			n, size := 0, 0
			for b.Loop() {
				p.Reset(harmony.RoleAssistant, nil)
				size = 0
				for _, t := range toks {
					events, _ := p.Push(t)
					for i := range events {
						size += len(events[i].Text)
					}
				}
				p.Close(StopToken)
				n += len(toks)
			}
			if got := p.Messages(); len(got) != len(want.Messages) || size != textSize(want.Messages) {
				b.Fatal("wrong result")
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n), "ns/token")
		})
	}
}

func BenchmarkParse(b *testing.B) {
	for name, toks := range benchStreams() {
		b.Run(name, func(b *testing.B) {
			e := GPTOSS()
			b.ReportAllocs()
			n := 0
			var r Result
			for b.Loop() {
				r, _ = e.Parse(toks, harmony.RoleAssistant, nil)
				n += len(toks)
			}
			if r.Verdict != VerdictFinal {
				b.Fatal(r.Verdict)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n), "ns/token")
		})
	}
}

func BenchmarkPushText(b *testing.B) {
	for name, toks := range benchStreams() {
		b.Run(name, func(b *testing.B) {
			e := GPTOSS()
			var pieces []string
			for _, t := range toks {
				s, _ := e.tok.TokenString(t)
				pieces = append(pieces, s)
			}
			p := e.NewParser(harmony.RoleAssistant, nil)
			b.ReportAllocs()
			n := 0
			for b.Loop() {
				p.Reset(harmony.RoleAssistant, nil)
				for _, s := range pieces {
					p.PushText(s)
				}
				p.Close(StopToken)
				n += len(toks)
			}
			if p.Verdict() != VerdictFinal {
				b.Fatal(p.Verdict())
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n), "ns/token")
		})
	}
}

func textSize(msgs []Parsed) (n int) {
	for _, m := range msgs {
		n += len(m.Content[0].(harmony.Text))
	}
	return n
}
