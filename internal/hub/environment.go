package hub

import (
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
)

const defaultEndpoint = "https://huggingface.co"

// FromEnvironment returns a client as the variables say that huggingface_hub reads: HF_ENDPOINT, HF_TOKEN, HF_TOKEN_PATH, HF_HOME,
// HF_HUB_CACHE, HF_HUB_OFFLINE, HF_HUB_DISABLE_IMPLICIT_TOKEN and their older names. getenv is os.Getenv.
// Source: huggingface_hub 2.4.0, constants.py and utils/_auth.py.
func FromEnvironment(getenv func(string) string) (*Client, error) {
	first := func(names ...string) string {
		for _, name := range names {
			if v := getenv(name); v != "" {
				return v
			}
		}
		return ""
	}
	home, err := homeDirectory(getenv)
	if err != nil {
		return nil, err
	}
	c := &Client{Endpoint: defaultEndpoint, Cache: filepath.Join(home, "hub"), Offline: isTrue(first("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"))}
	if v := first("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"); v != "" {
		if c.Cache, err = expand(v, getenv); err != nil {
			return nil, err
		}
	}
	if v := getenv("HF_ENDPOINT"); v != "" {
		c.Endpoint = strings.TrimRight(v, "/")
	}
	u, err := url.Parse(c.Endpoint)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, &Error{What: "HF_ENDPOINT", Text: "expected an address such as https://huggingface.co"} // it may hold a password: not shown
	}
	if isTrue(getenv("HF_HUB_DISABLE_IMPLICIT_TOKEN")) {
		return c, nil
	}
	c.Token, err = readToken(first("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"), first("HF_TOKEN_PATH"), home, getenv)
	return c, err
}

// homeDirectory returns where Hugging Face's tools keep their things.
func homeDirectory(getenv func(string) string) (string, error) {
	if v := getenv("HF_HOME"); v != "" {
		return expand(v, getenv)
	}
	if v := getenv("XDG_CACHE_HOME"); v != "" {
		v, err := expand(v, getenv)
		return filepath.Join(v, "huggingface"), err
	}
	return expand("~/.cache/huggingface", getenv)
}

// expand puts in the user's directory for a leading ~, and variables.
func expand(path string, getenv func(string) string) (string, error) {
	path = os.Expand(path, func(name string) string {
		if v := getenv(name); v != "" {
			return v
		}
		return "$" + name
	})
	rest, ok := strings.CutPrefix(path, "~")
	if !ok || rest != "" && rest[0] != '/' && rest[0] != filepath.Separator {
		return path, nil
	}
	home := getenv("HOME")
	if home == "" {
		home = getenv("USERPROFILE")
	}
	if home == "" {
		return "", &Error{What: path, Text: "neither HOME nor HF_HOME says where the cache is"}
	}
	return filepath.Join(home, rest), nil
}

func isTrue(v string) bool {
	switch strings.ToUpper(v) {
	case "1", "ON", "YES", "TRUE":
		return true
	}
	return false
}

// readToken returns the token of a variable, or else of the file that logging in has written. No error shows it.
func readToken(token, path, home string, getenv func(string) string) (string, error) {
	from := "HF_TOKEN"
	if token == "" {
		if path == "" {
			path = filepath.Join(home, "token")
		}
		path, err := expand(path, getenv)
		if err != nil {
			return "", err
		}
		from = path
		data, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			return "", nil
		}
		if err != nil {
			return "", &Error{What: path, Text: "the token cannot be read", Err: cause(err)}
		}
		token = string(data)
	}
	token = strings.TrimSpace(token)
	if strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
		return "", &Error{What: from, Text: "the token has characters that no token has"}
	}
	return token, nil
}

// cause returns what the system said, without the path.
func cause(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	if e, ok := errors.AsType[*os.LinkError](err); ok {
		return e.Err
	}
	return err
}
