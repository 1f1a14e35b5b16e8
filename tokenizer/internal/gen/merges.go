package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"strconv"

	"github.com/harmony-go/sdk/tokenizer/internal/perfect"
	"github.com/pkoukk/tiktoken-go-loader/assets"
)

// The published ranks of o200k_base, as module github.com/pkoukk/tiktoken-go-loader v0.0.2 ships them.
const (
	ranksFile = "o200k_base.tiktoken"
	ranksHash = "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d"
	ranksSize = 199998

	// Constants of package tokenizer, file vocabulary.go.
	pairShift   = 21 // tokenBits
	inlineBytes = 12
)

// packMerges turns the ranks file into the merge list that package tokenizer embeds: 256 bytes, the single-byte tokens in
// order of id; then for every further token the ids of its left and its right half, 18 bits each, least significant bit
// first, without padding between tokens; then the pilots of two perfect hashes, 16 bits each: of these pairs, and of the
// tokens of at most 12 bytes. A token's bytes follow from its halves, so they are not stored.
func packMerges() ([]byte, error) {
	file, err := assets.Assets.ReadFile(ranksFile)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(file)
	if got := hex.EncodeToString(sum[:]); got != ranksHash {
		return nil, fmt.Errorf("%s: sha256 is %s, expected %s", ranksFile, got, ranksHash)
	}
	tokens, err := parseRanks(file)
	if err != nil {
		return nil, err
	}
	ranks := make(map[string]int, len(tokens))
	for id, t := range tokens {
		ranks[t] = id
	}
	var w bitWriter
	var keys []uint64
	for id, t := range tokens {
		if id < 256 {
			if len(t) != 1 {
				return nil, fmt.Errorf("token %d: expected a single byte, found %q", id, t)
			}
			w.buf = append(w.buf, t[0])
			continue
		}
		left, right, err := halves(t, ranks)
		if err != nil {
			return nil, fmt.Errorf("token %d: %w", id, err)
		}
		if left >= id || right >= id {
			return nil, fmt.Errorf("token %d: halves %d and %d are not older than itself", id, left, right)
		}
		w.write(uint64(left)|uint64(right)<<18, 36)
		keys = append(keys, perfect.Mix(uint64(left)<<pairShift|uint64(right)))
	}
	packed, err := appendPilots(w.bytes(), keys)
	if err != nil {
		return nil, err
	}
	return appendPilots(packed, inlineKeys(tokens))
}

// inlineKeys are the hash keys of the short tokens.
func inlineKeys(tokens []string) (keys []uint64) {
	for _, t := range tokens {
		if len(t) <= inlineBytes {
			var b [16]byte
			copy(b[:], t)
			b[15] = byte(len(t))
			keys = append(keys, perfect.Mix2(binary.LittleEndian.Uint64(b[:8]), binary.LittleEndian.Uint64(b[8:])))
		}
	}
	return keys
}

// appendPilots appends the pilots of a perfect hash, 16 bits each.
func appendPilots(dst []byte, keys []uint64) ([]byte, error) {
	pilots, err := perfect.Pilots(keys)
	for _, p := range pilots {
		dst = binary.LittleEndian.AppendUint16(dst, p)
	}
	return dst, err
}

// parseRanks reads the lines "base64 rank"; their ranks must be 0, 1, 2 and so on.
func parseRanks(file []byte) ([]string, error) {
	var tokens []string
	for line := range bytes.Lines(file) {
		b64, rank, ok := bytes.Cut(bytes.TrimSuffix(line, []byte("\n")), []byte(" "))
		tok, err := base64.StdEncoding.DecodeString(string(b64))
		if !ok || err != nil || string(rank) != strconv.Itoa(len(tokens)) {
			return nil, fmt.Errorf("%s: line %d is not base64 and rank %d: %q", ranksFile, len(tokens)+1, len(tokens), line)
		}
		tokens = append(tokens, string(tok))
	}
	if len(tokens) != ranksSize {
		return nil, fmt.Errorf("%s: %d tokens, expected %d", ranksFile, len(tokens), ranksSize)
	}
	return tokens, nil
}

// halves runs byte pair encoding on a token's own bytes until two parts are left: the only pair that the merge can ever
// join into this token.
func halves(token string, ranks map[string]int) (left, right int, err error) {
	var parts []string
	for i := range len(token) {
		parts = append(parts, token[i:i+1])
	}
	for len(parts) > 2 {
		best, at := math.MaxInt, -1
		for i := range len(parts) - 1 {
			if r, ok := ranks[parts[i]+parts[i+1]]; ok && r < best {
				best, at = r, i
			}
		}
		if at < 0 {
			return 0, 0, fmt.Errorf("merges cannot reach %q: they stop at %q", token, parts)
		}
		parts[at] += parts[at+1]
		parts = append(parts[:at+1], parts[at+2:]...)
	}
	return ranks[parts[0]], ranks[parts[1]], nil
}

// A bitWriter appends numbers of any width, least significant bit first.
type bitWriter struct {
	buf  []byte
	acc  uint64
	bits uint
}

func (w *bitWriter) write(v uint64, width uint) {
	for width > 0 {
		n := min(width, 32)
		w.acc |= (v & (1<<n - 1)) << w.bits
		w.bits += n
		v >>= n
		width -= n
		for w.bits >= 8 {
			w.buf = append(w.buf, byte(w.acc))
			w.acc >>= 8
			w.bits -= 8
		}
	}
}

func (w *bitWriter) bytes() []byte {
	if w.bits > 0 {
		w.buf = append(w.buf, byte(w.acc))
		w.acc, w.bits = 0, 0
	}
	return w.buf
}
