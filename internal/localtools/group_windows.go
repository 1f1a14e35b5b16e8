package localtools

import (
	"os/exec"
	"unsafe"

	"golang.org/x/sys/windows"
)

// group is a command and all that it starts: a job, which ends with its handle.
type group struct {
	c   *exec.Cmd
	job windows.Handle // 0: there is none
}

func newGroup(c *exec.Cmd) *group {
	g := &group{c: c}
	job, err := windows.CreateJobObject(nil, nil)
	if err != nil {
		return g
	}
	info := windows.JOBOBJECT_EXTENDED_LIMIT_INFORMATION{}
	info.BasicLimitInformation.LimitFlags = windows.JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE
	if _, err := windows.SetInformationJobObject(job, windows.JobObjectExtendedLimitInformation, uintptr(unsafe.Pointer(&info)), uint32(unsafe.Sizeof(info))); err != nil {
		windows.CloseHandle(job)
		return g
	}
	g.job = job
	return g
}

// started puts the command into the job. What it has started before that, in its first instants, is not in it.
func (g *group) started() {
	if g.job == 0 {
		return
	}
	p, err := windows.OpenProcess(windows.PROCESS_SET_QUOTA|windows.PROCESS_TERMINATE, false, uint32(g.c.Process.Pid))
	if err != nil {
		return
	}
	defer windows.CloseHandle(p)
	_ = windows.AssignProcessToJobObject(g.job, p)
}

// kill ends all processes of the job.
func (g *group) kill() error {
	if g.job != 0 {
		_ = windows.TerminateJobObject(g.job, 1)
	}
	return g.c.Process.Kill()
}

func (g *group) close() {
	if g.job != 0 {
		windows.CloseHandle(g.job)
	}
}
