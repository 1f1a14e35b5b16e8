package tokenizer

import (
	"os/exec"
	"strings"
)

// goroot asks the go command, which is there when go test runs.
func goroot() string {
	out, _ := exec.Command("go", "env", "GOROOT").Output()
	return strings.TrimSpace(string(out))
}
