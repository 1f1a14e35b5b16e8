package conformance

import (
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
)

// liveVariable names the environment variable with the folder of freshly made vectors.
const liveVariable = "HARMONY_VECTORS"

// TestLive runs vectors that gen/generate.py has just made with a seed nobody has seen. No list of
// ids can cover them: every difference must be explained by a class.
func TestLive(t *testing.T) {
	dir := os.Getenv(liveVariable)
	if dir == "" {
		t.Skipf("%s is not set: make vectors with python3 conformance/gen/generate.py --out DIR --seed SEED --count 10, and set it to DIR", liveVariable)
	}
	for folder, profile := range live(t, dir) {
		checkTokenizer(t, folder)
		for s, d := range differencesOf(t, folder, profile) {
			assert.NotNil(t, classify(d), "%v: no class explains: %s", s, d.what)
		}
	}
}
