package decoder

import (
	"errors"
	"fmt"

	"github.com/harmony-go/sdk/internal/checkpoint"
	"github.com/harmony-go/sdk/tokenizer"
)

// ErrClosed is returned for a model that has been closed.
var ErrClosed = errors.New("decoder: the model is closed")

// A FileError says what is wrong with a checkpoint: which file, which tensor or key of it, what was expected and found.
type FileError struct {
	File   string // path
	Tensor string // name, or ""
	Key    string // key of config.json or of the metadata, or ""
	What   string // what is wrong
	Err    error  // what the system said, or nil
}

// Error says where the fault is, what was expected and what was found.
func (e *FileError) Error() string { return "decoder: " + (*checkpoint.Error)(e).Detail() }

// Unwrap returns the cause, if there is one.
func (e *FileError) Unwrap() error { return e.Err }

// fileError turns an error of package checkpoint into one of this package.
func fileError(err error) error {
	if err == nil {
		return nil // before e is made, which would make every call allocate
	}
	if e := (*checkpoint.Error)(nil); errors.As(err, &e) {
		return (*FileError)(e)
	}
	return err
}

// A CapacityError says that a sequence has no room for tokens, or a model none for a sequence.
type CapacityError struct {
	Wanted, Capacity int // positions
}

// Error says where the fault is, what was expected and what was found.
func (e *CapacityError) Error() string {
	return fmt.Sprintf("decoder: %d positions wanted, the capacity is %d", e.Wanted, e.Capacity)
}

// A TokenError says that a token has no row in the model's embedding.
type TokenError struct {
	Offset     int // index in what was given to Forward
	Token      tokenizer.Token
	Vocabulary int // size
}

// Error says where the fault is, what was expected and what was found.
func (e *TokenError) Error() string {
	return fmt.Sprintf("decoder: token %d at offset %d is not in the vocabulary of %d", e.Token, e.Offset, e.Vocabulary)
}

// A NumberError says that the computation left the finite numbers, although all weights that were read are finite.
type NumberError struct {
	Position int // of the token in the sequence
	Layer    int // the layer that made it; the number of layers: the unembedding
}

// Error says where the fault is, what was expected and what was found.
func (e *NumberError) Error() string {
	return fmt.Sprintf("decoder: layer %d gave a number that is not finite, at position %d", e.Layer, e.Position)
}

// A MemoryError says that something needs more memory than this process can have.
type MemoryError struct {
	What              string // what the memory is for
	Wanted, Available int64  // bytes; Available is 0 if the system does not tell
}

// Error says what was wanted and what is there.
func (e *MemoryError) Error() string {
	return fmt.Sprintf("decoder: %s: %d bytes wanted, %d are free", e.What, e.Wanted, e.Available)
}
