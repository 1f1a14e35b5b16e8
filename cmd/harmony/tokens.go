package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"

	"github.com/harmony-go/sdk/encoding"
	"github.com/harmony-go/sdk/tokenizer"
)

var tokensCommand = command{
	name:    "tokens",
	summary: "text to tokens of o200k_harmony, and back",
	usage: `harmony tokens [flags] TEXT|FILE

Shows the tokens of a text, counts them, or turns token ids back into text. An
argument that names a file is that file, any other is the text itself; the
first line says which. What is not UTF-8 is encoded byte for byte.

  --text           the arguments are text, even if they name a file
  --file           the argument is a file
  --special WHICH  none (default): <|start|> and its like are ordinary text;
                   all: they are special tokens

  --ids            only the token ids, on one line
  --count          only their number
  --decode         the input is token ids: write the text that they spell
  --all            on a terminal, show more than the first 400 tokens
  --json           {"tokens":[…]}, or with --decode {"text":"…"}
  --jsonl          be a filter over JSON Lines: harmony help jsonl
  --color WHEN     auto (default: on a terminal), always or never; NO_COLOR and
                   CLICOLOR_FORCE are heard
  --width N        columns to lay out for (default: the terminal's; 0, and in a
                   pipe: a table, one token a line with offset and id)

Examples
  harmony tokens 'Hello, Wörld!'
  harmony tokens --count README.md
  harmony tokens --special all --ids '<|start|>user<|message|>Hi<|end|>'
  harmony tokens --decode 200006 1428 200008 12194 200007
`,
	run: runTokens,
}

// tokensFlags are the flags of "harmony tokens".
type tokensFlags struct {
	*options
	special                             choice
	text, file, ids, count, decode, all bool
}

func runTokens(x *session, args []string) error {
	fs, o := newFlags("tokens")
	t := tokensFlags{options: o, special: choice{"none", []string{"none", "all"}}}
	fs.Var(&t.special, "special", "")
	fs.BoolVar(&t.text, "text", false, "")
	fs.BoolVar(&t.file, "file", false, "")
	fs.BoolVar(&t.ids, "ids", false, "")
	fs.BoolVar(&t.count, "count", false, "")
	fs.BoolVar(&t.decode, "decode", false, "")
	fs.BoolVar(&t.all, "all", false, "")
	operands, done, err := x.begin(fs, o, args, newTokensHandler)
	if err != nil || done {
		return err
	}
	if t.text && t.file {
		return usageErrorf("--text and --file exclude each other")
	}
	if count(t.ids, t.count, o.json) > 1 || t.decode && (t.ids || t.count) {
		return usageErrorf("--ids, --count, --json and --decode exclude each other (but --decode --json)")
	}
	in, err := x.textOrFile(operands, &t)
	if err != nil {
		return err
	}
	if t.decode {
		return x.decode(in, &t)
	}
	return x.encode(in, &t)
}

// textOrFile reads what the operands of "harmony tokens" mean.
func (x *session) textOrFile(operands []string, t *tokensFlags) (source, error) {
	isFile := len(operands) == 0 || operands[0] == "-" && len(operands) == 1 || t.file
	if len(operands) == 1 && !t.text && !isFile {
		_, err := os.Stat(operands[0])
		isFile = err == nil
	}
	if isFile && !t.text || len(operands) == 0 {
		return x.read(operands, "text or file")
	}
	name := "text"
	if len(operands) == 1 && !t.text && likeFileName.MatchString(operands[0]) {
		name = "text (no file of this name)"
	}
	return source{name, []byte(strings.Join(operands, " "))}, nil
}

// likeFileName matches what was probably meant as the name of a file.
var likeFileName = regexp.MustCompile(`^\S*(?:[/\\]\S*|\.[A-Za-z0-9]{1,5})$`)

// decode writes the text that token ids spell.
func (x *session) decode(in source, t *tokensFlags) error {
	toks, err := readIDs(in.name, in.data)
	if err != nil {
		return err
	}
	text, err := tokenizer.O200kHarmony().AppendDecode(nil, toks)
	if err != nil {
		return fmt.Errorf("%s: %s", in.name, withoutPackage(err))
	}
	return x.output(func(w *bufio.Writer) error {
		switch {
		case t.json:
			w.Write(append(appendText(nil, text, toks), '\n'))
		case isTerminal(x.stdout):
			newScreen(w, x.stdout, t.options).line("", plain, string(text))
		default:
			w.Write(text)
		}
		return nil
	})
}

// encode shows the tokens of a text.
func (x *session) encode(in source, t *tokensFlags) error {
	tok := tokenizer.O200kHarmony()
	text := string(in.data)
	var toks []encoding.Token
	if t.special.value == "all" {
		toks = tok.EncodeSpecial(text)
	} else {
		toks = tok.Encode(text)
	}
	return x.output(func(w *bufio.Writer) error {
		switch {
		case t.ids:
			return writeIDs(w, toks)
		case t.count:
			fmt.Fprintln(w, len(toks))
		case t.json:
			w.Write(append(appendTokensObject(nil, toks), '\n'))
		default:
			v := tokensView{newScreen(w, x.stdout, t.options), toks, t}
			v.print(in, text)
		}
		return nil
	})
}

// tokensView shows tokens to people.
type tokensView struct {
	s    *screen
	toks []encoding.Token
	t    *tokensFlags
}

// print shows everything.
func (v *tokensView) print(in source, text string) {
	head := []painted{{bold, in.name}, {plain, plural(len(text), "byte")}, {plain, plural(len(v.toks), "token")}}
	if len(v.toks) > 0 {
		head = append(head, painted{faint, fmt.Sprintf("%.1f bytes a token", float64(len(text))/float64(len(v.toks)))})
	}
	v.s.headline(head, painted{})
	if v.s.width == 0 {
		v.table()
	} else {
		v.flow()
	}
	if fault := textFault(in.data); fault != "" {
		v.s.printf("note: %s; it is encoded byte for byte\n", fault)
	}
	if v.t.special.value == "none" && hasMarker(in.data) {
		v.s.WriteString("note: the markers in this text are ordinary text here, as they are in any user's text;" +
			" --special all makes tokens of them\n")
	}
}

// hasMarker reports whether the text spells a marker.
func hasMarker(text []byte) bool {
	for _, t := range markers {
		if bytes.Contains(text, []byte(spelling(t))) {
			return true
		}
	}
	return false
}

// table writes a line for each token: the offset of its first byte, its id, its bytes.
func (v *tokensView) table() {
	offset := 0
	for _, t := range v.toks {
		text := spelling(t)
		v.s.printf("%8d %7d %s\n", offset, t, v.s.paint(v.ink(t, false), strconv.Quote(text)))
		offset += len(text)
	}
}

// flow writes tokens and ids one behind the other.
func (v *tokensView) flow() {
	const most = 400
	b := v.s.newBlock("")
	for i, t := range v.toks {
		if i == most && !v.t.all {
			b.end()
			v.s.printf("%s\n", v.s.paint(faint, "and "+grouped(len(v.toks)-most)+" more, which --all shows; --ids has only the ids"))
			return
		}
		text, id := strconv.Quote(spelling(t)), strconv.FormatUint(uint64(t), 10)
		w := textWidth(text) + 1 + len(id)
		if b.col > 0 {
			if b.col+2+w > b.columns {
				b.newline()
			} else {
				b.put(plain, "  ", 2)
			}
		}
		b.put(v.ink(t, i%2 == 1), text, textWidth(text))
		b.put(plain, " ", 1)
		b.put(faint, id, len(id))
	}
	b.end()
}

// ink is how a token is shown; alternating inks set neighbours apart.
func (v *tokensView) ink(t encoding.Token, odd bool) ink {
	switch {
	case tokenizer.O200kHarmony().IsSpecial(t):
		return inkSpecial
	case odd:
		return inkHeader
	}
	return plain
}
