package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/harmony-go/sdk/encoding"
)

// chatCommandsUsage are the commands of a chat, as help shows them.
const chatCommandsUsage = `  /help               this list
  /effort [EFFORT]    how long the model thinks: low, medium or high
  /system [TEXT]      the instructions; - takes them away
  /tools [on|off]     the tools, and whether the model has them
  /tokens             what the next prompt is made of, and the room for it
  /raw                the last turn as tokens spell it, markers and all
  /continue           go on where a turn was stopped
  /save FILE          keep the conversation in a file
  /load FILE          go on with the conversation in a file
  /clear              a new conversation
  /quit               the end; so does Ctrl-D
`

// slashCommand is one of the commands of a chat.
type slashCommand struct {
	name string
	run  func(c *chat, arg string) error
}

// slashCommands returns them in the order of the help.
func slashCommands() []slashCommand {
	return []slashCommand{
		{"/help", (*chat).help}, {"/effort", (*chat).effort}, {"/system", (*chat).system}, {"/tools", (*chat).listTools}, {"/tokens", (*chat).tokens},
		{"/raw", (*chat).raw}, {"/continue", (*chat).goOn}, {"/save", (*chat).save}, {"/load", (*chat).reload}, {"/clear", (*chat).clear},
		{"/quit", (*chat).quit}, {"/exit", (*chat).quit}, {"/bye", (*chat).quit}, {"/?", (*chat).help},
	}
}

// command runs the command in a line.
func (c *chat) command(line string) error {
	name, arg, _ := strings.Cut(line, " ")
	if n, rest, ok := strings.Cut(name, "\n"); ok {
		name, arg = n, rest+" "+arg
	}
	var names []string
	for _, s := range slashCommands() {
		if s.name == name {
			return s.run(c, strings.TrimSpace(arg))
		}
		names = append(names, s.name)
	}
	hint := suggest(name, names)
	if hint == "" {
		hint = "; /help lists them, and // begins a line that is sent"
	}
	return fmt.Errorf("there is no command %s%s", quote(name), hint)
}

// complete returns what the beginning of a command can only become; "" if there is nothing, or more than one.
func (c *chat) complete(begin string) string {
	found := ""
	for _, s := range slashCommands() {
		if strings.HasPrefix(begin, "/") && strings.HasPrefix(s.name, begin) {
			if found != "" {
				return ""
			}
			found = s.name + " "
		}
	}
	return found
}

// list shows lines of "name  value".
func (c *chat) list(rows [][2]string) error {
	width := 0
	for _, row := range rows {
		width = max(width, textWidth(row[0]))
	}
	for _, row := range rows {
		c.out.beside("  "+c.out.paint(bold, row[0])+strings.Repeat(" ", width-textWidth(row[0])+2), width+4, row[1])
	}
	return c.out.Flush()
}

func (c *chat) help(string) error {
	if w := c.out.width; w > 0 && w < 80 {
		for line := range strings.Lines(chatCommandsUsage) {
			c.out.printf("  %s\n", c.out.paint(bold, strings.TrimSpace(line[:20])))
			c.out.line("    ", plain, strings.TrimSpace(line[20:]))
		}
		return c.out.Flush()
	}
	c.out.WriteString(chatCommandsUsage)
	return c.out.Flush()
}

// change makes the agent anew after a change of the flags. If it cannot be made, undo takes the change back.
func (c *chat) change(undo func()) error {
	a, err := c.agent()
	if err != nil {
		undo()
		return err
	}
	c.s.Use(a)
	return nil
}

func (c *chat) effort(arg string) error {
	if arg != "" {
		old := c.r.effort.value
		if err := c.r.effort.Set(arg); err != nil {
			return err
		}
		if err := c.change(func() { c.r.effort.value = old }); err != nil {
			return err
		}
	}
	c.say("effort " + c.r.effort.value)
	return nil
}

func (c *chat) system(arg string) error {
	if arg != "" {
		old := c.r.system
		if c.r.system = arg; arg == "-" {
			c.r.system = ""
		}
		if err := c.change(func() { c.r.system = old }); err != nil {
			return err
		}
	}
	if c.r.system == "" {
		c.say("no instructions")
		return nil
	}
	c.out.line(messageMargin, plain, c.r.system)
	return c.out.Flush()
}

func (c *chat) listTools(arg string) error {
	if arg != "" {
		state := choice{of: []string{"on", "off"}}
		if err := state.Set(arg); err != nil {
			return err
		}
		old := c.r.noTools
		c.r.noTools = arg == "off"
		if err := c.change(func() { c.r.noTools = old }); err != nil {
			return err
		}
	}
	switch {
	case len(c.tools.functions) == 0:
		c.say("no tools: the program was called with --no-tools")
		return nil
	case c.r.noTools:
		c.say("no tools; /tools on gives the model these:")
	}
	var rows [][2]string
	for _, f := range c.tools.functions {
		t := f.Declaration()
		rows = append(rows, [2]string{printable(t.Name), printable(t.Description)})
	}
	return c.list(rows)
}

func (c *chat) tokens(string) error {
	prompt, err := c.s.Prompt()
	if err != nil {
		return err
	}
	u, err := encoding.GPTOSS().Parse(prompt, "", nil)
	if err != nil {
		return err
	}
	var rows [][2]string
	for _, f := range []usageField{{"system", u.Usage.System}, {"developer", u.Usage.Developer}, {"user", u.Usage.User}, {"tool", u.Usage.Tool},
		{"analysis", u.Usage.Analysis}, {"commentary", u.Usage.Commentary}, {"arguments", u.Usage.Arguments}, {"final", u.Usage.Final}, {"framing", u.Usage.Framing + u.Usage.Other}} {
		if f.n > 0 {
			rows = append(rows, [2]string{f.name, grouped(f.n)})
		}
	}
	total := grouped(len(prompt))
	if room, ok := c.generator.(interface{ Capacity() int }); ok {
		total += " of " + grouped(room.Capacity())
	}
	rows = append(rows, [2]string{"the next prompt", total})
	if t := c.s.Turn(); t != nil {
		f := figuresOf(t, t.Err)
		rows = append(rows, [2]string{"the last output", plural(f.output, "token") + f.byChannel()})
	}
	return c.list(rows)
}

func (c *chat) raw(string) error {
	t := c.s.Turn()
	if t == nil || len(t.Steps) == 0 {
		return errors.New("nothing has been said yet")
	}
	for i, s := range t.Steps {
		if i > 0 && i <= len(t.Calls) {
			c.say("… the result of " + printable(callName(t.Calls[i-1])) + " …")
		}
		c.out.line(messageMargin, inkSpecial, lossyText(slices.Concat(s.Opening, s.Sampled)))
	}
	return c.out.Flush()
}

func (c *chat) goOn(string) error {
	if len(c.s.Messages()) == 0 {
		return errors.New("nothing has been said yet")
	}
	if t := c.s.Turn(); t != nil && t.Err == nil {
		return errors.New("the last turn has ended with an answer; say something")
	}
	ctx, stop := interruptible()
	defer stop()
	return c.answer(ctx, "")
}

func (c *chat) save(arg string) error {
	if arg == "" {
		return errors.New("/save FILE: no file given")
	}
	if err := c.write(arg); err != nil {
		return err
	}
	c.say("saved, " + plural(len(c.s.Messages()), "message"))
	return nil
}

func (c *chat) reload(arg string) error {
	if arg == "" {
		return errors.New("/load FILE: no file given")
	}
	if err := c.load(arg); err != nil {
		return err
	}
	for _, said := range c.said() {
		c.in.remember(said)
	}
	c.resumed(arg)
	return nil
}

func (c *chat) clear(string) error {
	a, err := c.agent()
	if err != nil {
		return err
	}
	c.s = a.NewSession()
	c.say("a new conversation")
	return nil
}

func (c *chat) quit(string) error {
	c.finished = true
	return nil
}
