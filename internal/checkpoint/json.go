package checkpoint

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"unicode/utf8"
)

// members calls f for each member of the object that data is; f has to take the value from the decoder. The names must be
// unique and data valid UTF-8 (encoding/json would repair both in silence).
func members(data []byte, f func(key string, dec *json.Decoder) error) error {
	if !utf8.Valid(data) {
		return errors.New("JSON is not valid UTF-8")
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return jsonError(err, "expected a JSON object, found %v", t)
	}
	seen := map[string]bool{}
	for dec.More() {
		t, err := dec.Token()
		key, ok := t.(string)
		if err != nil || !ok {
			return jsonError(err, "expected a name, found %v", t)
		}
		if seen[key] {
			return fmt.Errorf("name %s appears twice", Quote(key))
		}
		seen[key] = true
		if err := f(key, dec); err != nil {
			return err
		}
	}
	if _, err := dec.Token(); err != nil {
		return unexpected(err)
	}
	if t, err := dec.Token(); err != io.EOF {
		return jsonError(err, "expected the end after the JSON object, found %v", t)
	}
	return nil
}

// jsonError returns err, where the end of the data is unexpected, or without err what else is wrong.
func jsonError(err error, format string, found any) error {
	if err != nil {
		return unexpected(err)
	}
	if found == nil {
		found = "null"
	}
	return fmt.Errorf(format, Quote(fmt.Sprint(found)))
}

// readObject returns the members of an object.
func readObject(data []byte) (map[string]json.RawMessage, error) {
	object := map[string]json.RawMessage{}
	err := members(data, func(key string, dec *json.Decoder) error {
		var v json.RawMessage
		err := dec.Decode(&v)
		object[key] = v
		return unexpected(err)
	})
	return object, err
}

// unexpected makes the end of the data unexpected.
func unexpected(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// readUints reads an array of at most limit whole numbers that are not negative.
func readUints(dec *json.Decoder, limit int) ([]uint64, error) {
	if t, err := dec.Token(); err != nil || t != json.Delim('[') {
		return nil, jsonError(err, "expected an array, found %v", t)
	}
	list := []uint64{} // not nil: an empty array is there
	for dec.More() {
		t, err := dec.Token()
		n, ok := t.(json.Number)
		if err != nil || !ok {
			return nil, jsonError(err, "expected a whole number, found %v", t)
		}
		v, err := strconv.ParseUint(n.String(), 10, 64)
		if err != nil {
			return nil, fmt.Errorf("expected a whole number below 2^64, found %s", Quote(n.String()))
		}
		if len(list) == limit {
			return nil, fmt.Errorf("expected at most %d numbers", limit)
		}
		list = append(list, v)
	}
	_, err := dec.Token()
	return list, unexpected(err)
}
