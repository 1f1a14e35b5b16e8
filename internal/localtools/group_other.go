//go:build !unix && !windows

package localtools

import "os/exec"

// group is a command; what it starts is out of reach here.
type group struct{ c *exec.Cmd }

func newGroup(c *exec.Cmd) *group { return &group{c} }

func (g *group) started()    {}
func (g *group) kill() error { return g.c.Process.Kill() }
func (g *group) close()      {}
