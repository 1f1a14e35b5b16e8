package main

import (
	"fmt"
	"io"
)

const mainUsage = `harmony: OpenAI's Harmony response format, offline

  harmony render FILE        a conversation (JSON) to the tokens a model reads
  harmony parse FILE         a model's tokens or text back to messages
  harmony tokens TEXT|FILE   text to tokens of o200k_harmony, and back
  harmony schema FILE        what a model sees of a JSON Schema, and what not
  harmony constrain SCHEMA   whether a grammar holds a model to a JSON Schema
  harmony run PROMPT         ask a model, and watch it call tools and answer
  harmony chat               talk with a model, with tools and commands at hand
  harmony model PATH         what a checkpoint holds, and what it needs
  harmony bench              how fast a checkpoint runs on this machine
  harmony pull ORG/NAME      fetch a checkpoint from a Hugging Face hub
  harmony version            the version of this program
  harmony help COMMAND       all about one command, with examples
  harmony help jsonl         the JSON Lines form of render, parse and tokens

FILE may be - for standard input. Each command prints for people; --json makes
it print one JSON object, and --jsonl makes it a filter over JSON Lines, for
data sets and other programs.

Exit status: 0 fine; 1 something is wrong with what the input holds; 2 wrong
usage, or an input that cannot be read.
`

const jsonlUsage = `harmony render --jsonl, harmony parse --jsonl, harmony tokens --jsonl

Reads one JSON object a line, from FILE or standard input, and writes one line
for each, in order. Answers are written as soon as the input pauses: another
program may keep the pipe open and talk.

tokens --jsonl
  {"text":"…", "special":"none"|"all"}
                     -> {"tokens":[…]}
  {"tokens":[…]}     -> {"text":"…"}, and beside it "bytes":"base64" where the
                        bytes are not UTF-8: the text has U+FFFD for them then

render --jsonl
  {"conversation":{…}, "mode":"conversation"|"completion"|"training",
   "next_role":"assistant", "auto_drop_analysis":true, "profile":"…"}
                     -> {"tokens":[…]}
  conversation is openai-harmony's JSON, {"messages":[…]}. next_role counts in
  mode completion. auto_drop_analysis false keeps all analysis. profile is
  openai-harmony-0.0.8, oss-harmony-0.0.11 or channel-first.

parse --jsonl
  {"tokens":[…] or "text":"…", "role":"assistant"|null, "strict":false,
   "events":false}
                -> {"messages":[…],
                    "diagnostics":[{"rule","severity","offset","message"}],
                    "verdict":"…"}
  and with "events":true also
                    "events":[{"offset","kind":"header"|"delta"|"end","role",
                      "name","recipient","channel","content_type","text",
                      "stop"}]
  role is whose header the stream goes on with; null: the stream begins with
  <|start|> itself. Offsets count tokens, or bytes of "text". Messages are
  openai-harmony's JSON. What a message does not have is left out, and so is
  "stop" where a message was cut off.

Only the first field of a request is needed. The others have the first value
shown, but role is null. null stands for an absent field. An unknown field, a
field given twice and a value of another type are errors, so that no misspelt
option is passed over in silence.

A line that cannot be answered gives {"error":"…"} in its place, with "offset"
where it is known: the byte of the line for a fault of the JSON, the token or
the byte of "text" for a fault of the stream. With "strict":true an error-level
diagnostic is such a fault. An empty line is one too: line n of the output
always answers line n of the input. The lines after it are still done, and the
exit status is 1 at the end.

  --max-line SIZE  the longest line (default 64M; K, M and G count by 1024); a
                   longer one gives an error, is skipped without being held in
                   memory, and the lines after it are done
  --workers N      processors to use (default: all)
`

// helpTopics are help pages that are not commands.
var helpTopics = map[string]string{"jsonl": jsonlUsage}

// helpFor is the command line that explains cmd.
func helpFor(cmd *command) string {
	if cmd == nil {
		return "harmony help"
	}
	return "harmony help " + cmd.name
}

// printHelp prints the overview.
func (x *session) printHelp(w io.Writer) { io.WriteString(w, mainUsage) }

// help is the subcommand "harmony help [COMMAND]".
func (x *session) help(args []string) error {
	if len(args) == 0 {
		x.printHelp(x.stdout)
		return nil
	}
	if len(args) > 1 {
		return usageErrorf("help takes one command, found %d words", len(args))
	}
	if text, ok := helpTopics[args[0]]; ok {
		_, err := io.WriteString(x.stdout, text)
		return err
	}
	if args[0] == "help" {
		x.printHelp(x.stdout)
		return nil
	}
	for _, c := range commands() {
		if c.name == args[0] {
			_, err := io.WriteString(x.stdout, c.usage)
			return err
		}
	}
	return usageErrorf("no help for %s%s", quote(args[0]), suggest(args[0], append(commandNames(), "jsonl")))
}

// commandNames returns the names of the subcommands.
func commandNames() []string {
	names := []string{"help"}
	for _, c := range commands() {
		names = append(names, c.name)
	}
	return names
}

// suggest returns `, did you mean "…"?` with the word of names that is nearest to word, or nothing when
// none is near.
func suggest(word string, names []string) string {
	best, distance := "", min(max(2, len(word)/3), 4)+1
	for _, n := range names {
		if d := editDistance(word, n); d < distance {
			best, distance = n, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf(", did you mean %q?", best)
}

// editDistance counts the bytes to insert, delete, replace or swap with their neighbour to make b of a.
func editDistance(a, b string) int {
	if len(a) > 64 || len(b) > 64 {
		return 64
	}
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			d := min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d = min(d, rows[i-2][j-2]+1)
			}
			rows[i][j] = d
		}
	}
	return rows[len(a)][len(b)]
}

// quote writes data in an error message: quoted, and shortened where it is long.
func quote(s string) string {
	const most = 60
	if len(s) <= most {
		return fmt.Sprintf("%q", s)
	}
	return fmt.Sprintf("%q…", s[:most])
}
