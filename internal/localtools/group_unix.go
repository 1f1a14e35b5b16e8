//go:build unix

package localtools

import (
	"os/exec"
	"syscall"
)

// group is a command and all that it starts.
type group struct{ c *exec.Cmd }

// newGroup makes c begin a group of processes.
func newGroup(c *exec.Cmd) *group {
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return &group{c}
}

func (g *group) started() {}

// kill ends all processes of the group.
func (g *group) kill() error { return syscall.Kill(-g.c.Process.Pid, syscall.SIGKILL) }

// close ends what is left of the group when the command itself has ended: its number stays taken as long as somebody is in it.
func (g *group) close() { _ = g.kill() }
