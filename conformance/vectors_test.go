package conformance

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/harmony-go/sdk/encoding"
	"github.com/stretchr/testify/require"
)

// The vectors in this folder: of each folder, the profile its renderings are in.
var folders = []struct {
	path    string
	profile encoding.Profile
}{
	{"testdata/vectors", encoding.ProfileOpenAI},
	{"testdata/generated/openai-harmony-0.0.8", encoding.ProfileOpenAI},
	{"testdata/generated/oss-harmony-0.0.11", encoding.ProfileOSS},
}

// source is where a vector stands.
type source struct {
	file string // slash-separated path below testdata
	line int    // from 1
	id   string // first 12 hex digits of the SHA-256 of the line: what differences.txt lists
	Kind string `json:"kind"`
}

func (s source) String() string { return fmt.Sprintf("%s:%d %s (%s)", s.file, s.line, s.id, s.Kind) }

// vector is a line of a vector file.
type vector interface{ from() *source }

func (s *source) from() *source { return s }

// load reads the vectors of one file. It fails the test where the file is empty: a runner over
// nothing passes anything.
func load[V any, P interface {
	*V
	vector
}](t testing.TB, folder, file string) []P {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(filepath.FromSlash(folder), file))
	require.NoError(t, err)
	var out []P
	for i, line := range bytes.Split(bytes.TrimSuffix(data, []byte("\n")), []byte("\n")) {
		v := P(new(V))
		require.NoError(t, json.Unmarshal(line, v), "%s/%s:%d", folder, file, i+1)
		sum := sha256.Sum256(line)
		s := v.from()
		s.file, s.line, s.id = filepath.Base(folder)+"/"+file, i+1, hex.EncodeToString(sum[:6])
		out = append(out, v)
	}
	require.NotEmpty(t, out, "%s/%s", folder, file)
	return out
}
