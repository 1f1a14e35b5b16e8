package main

import (
	"fmt"
	"path/filepath"
	"time"

	"github.com/harmony-go/sdk/agent"
	"github.com/harmony-go/sdk/internal/localtools"

	_ "time/tzdata" // get_time knows the zones on systems that do not
)

// toolbox is what a model may call.
type toolbox struct {
	functions []*agent.Function
	commands  *localtools.Commands // nil: none of them is a command
}

// maxToolFile is how long a file of tools may be: far more than a prompt can hold.
const maxToolFile = 4 << 20

// readTools returns the tools that the flags ask for.
func (x *session) readTools(r *runFlags) (*toolbox, error) {
	switch {
	case r.noTools || r.raw:
		return &toolbox{}, nil
	case r.tools == "":
		return &toolbox{functions: localtools.Default(time.Now)}, nil
	}
	f, err := openFile(r.tools, r.tools)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := readUpTo(f, r.tools, maxToolFile, &exitError{exitUsage, fmt.Errorf("%s: more than %d bytes, want a file of tools", r.tools, maxToolFile)})
	if err != nil {
		return nil, err
	}
	c, err := localtools.ReadCommands(dropByteOrderMark(data), filepath.Dir(r.tools))
	if err != nil {
		return nil, &exitError{exitUsage, fmt.Errorf("%s: %w", r.tools, err)}
	}
	return &toolbox{functions: c.Functions, commands: c}, nil
}

// toolTime is how long a call may take: a command has a timeout of its own.
func (b *toolbox) toolTime() time.Duration {
	if b.commands == nil {
		return 0 // the agent's
	}
	return b.commands.Longest + time.Second
}

// wait waits for commands that were stopped, so that none outlives the program.
func (b *toolbox) wait() {
	if b.commands != nil {
		b.commands.Wait(2 * time.Second)
	}
}
