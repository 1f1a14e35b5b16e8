// Package localtools has tools that run on this machine: a clock, a calculator, a converter of units, a table of sample weather, and
// commands that a file declares. They are what "harmony run" and "harmony chat" give a model to call.
//
// Results are small flat JSON objects. What is wrong with a call is an error whose text tells the model what it can write instead.
//
// Nothing a model writes can make these tools run long or take much memory: expressions, numbers, and what a command prints are bounded.
package localtools

import (
	"time"

	"github.com/harmony-go/sdk/agent"
)

// Default returns the tools that need nothing but this program. now is the clock.
func Default(now func() time.Time) []*agent.Function {
	return []*agent.Function{Clock(now), Calculator(), Converter(), Weather()}
}
