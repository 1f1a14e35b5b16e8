package hub

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
)

// A Choice says which files of a repository to fetch. The zero value: what the decoder needs, and what goes with it.
type Choice struct {
	Include []Pattern // these, instead of what the decoder needs
	Exclude []Pattern // but not these
	Quant   string    // of several GGUF files the one whose name has this word, such as Q8_0
}

// smallFiles are what goes with safetensors: configuration, tokenizer, terms.
var smallFiles = []string{"config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json",
	"chat_template.jinja", "model.safetensors.index.json", "LICENSE", "NOTICE", "USAGE_POLICY"}

// Choose returns the files that a choice means: the patterns' if it has some that include; else one form of the weights, with what
// belongs to it: Hugging Face's layout, or OpenAI's, or one GGUF file (which may be split). The error wraps ErrChoice, or ErrHostile
// if a file among them has a path that this machine must not have.
func (l *Listing) Choose(c *Choice) ([]File, error) {
	if c == nil {
		c = &Choice{}
	}
	var list []File
	switch {
	case c.Quant != "" && len(c.Include) > 0:
		return nil, l.noChoice("a quantization and patterns exclude each other")
	case len(c.Include) > 0:
		list = l.filter(func(p string) bool { return anyMatch(c.Include, p) })
	case c.Quant == "":
		list = l.safetensors()
	}
	if list == nil && len(c.Include) == 0 {
		var err error
		if list, err = l.gguf(c); err != nil {
			return nil, err
		}
	}
	list = slices.DeleteFunc(list, func(f File) bool { return anyMatch(c.Exclude, f.Path) })
	if len(list) == 0 {
		return nil, l.noChoice("none of its %d files is chosen", len(l.Files))
	}
	for i := range list {
		if err := l.checkFile(&list[i]); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func (l *Listing) noChoice(format string, args ...any) error {
	return &Error{What: l.Repo.String(), Text: fmt.Sprintf(format, args...), Kind: ErrChoice}
}

func (l *Listing) filter(keep func(path string) bool) []File {
	var list []File
	for _, f := range l.Files {
		if keep(f.Path) {
			list = append(list, f)
		}
	}
	return list
}

// safetensors returns the files of a checkpoint of safetensors: Hugging Face's layout lies at the top, OpenAI's in original/.
func (l *Listing) safetensors() []File {
	for _, dir := range []string{"", "original/"} {
		config, weights := false, false
		list := l.filter(func(p string) bool {
			name, ok := strings.CutPrefix(p, dir)
			if !ok || strings.Contains(name, "/") {
				return false
			}
			isWeights := strings.HasSuffix(name, ".safetensors") && (dir != "" || strings.HasPrefix(name, "model"))
			config, weights = config || name == "config.json", weights || isWeights
			return isWeights || slices.Contains(smallFiles, name)
		})
		if config && weights {
			return list
		}
	}
	return nil
}

var splitName = regexp.MustCompile(`-\d{5}-of-\d{5}\.gguf$`)

// gguf returns one GGUF file, all parts of it.
func (l *Listing) gguf(c *Choice) ([]File, error) {
	groups, order := map[string][]File{}, []string{}
	for _, f := range l.Files {
		if !strings.HasSuffix(f.Path, ".gguf") || strings.HasPrefix(path.Base(f.Path), "mmproj") || anyMatch(c.Exclude, f.Path) {
			continue
		}
		name := splitName.ReplaceAllString(f.Path, ".gguf")
		if groups[name] == nil {
			order = append(order, name)
		}
		groups[name] = append(groups[name], f)
	}
	if len(order) == 0 {
		return nil, l.noChoice("no checkpoint is in it: neither config.json with *.safetensors, nor a .gguf file")
	}
	want := c.Quant
	if want == "" && len(order) > 1 {
		want = "MXFP4" // what gpt-oss was trained in
	}
	var found []string
	for _, name := range order {
		if want == "" || hasWord(path.Base(name), want) {
			found = append(found, name)
		}
	}
	switch {
	case len(found) == 1:
		return groups[found[0]], nil
	case c.Quant != "" && len(found) == 0:
		return nil, l.noChoice("no GGUF file of it is called %s; there are:%s", quote(c.Quant), described(order, groups))
	}
	return nil, l.noChoice("several GGUF files are in it; choose one by its quantization or by a pattern:%s", described(order, groups))
}

// hasWord reports whether a name has a word between its start, its end, hyphens and dots, whatever the case.
func hasWord(name, word string) bool {
	name, word = strings.ToLower(strings.TrimSuffix(name, ".gguf")), strings.ToLower(word)
	for at := 0; ; {
		i := strings.Index(name[at:], word)
		if i < 0 || word == "" {
			return false
		}
		from, to := at+i, at+i+len(word)
		if (from == 0 || strings.IndexByte("-._", name[from-1]) >= 0) && (to == len(name) || strings.IndexByte("-.", name[to]) >= 0) {
			return true
		}
		at = from + 1
	}
}

// described lists files for people, some of them.
func described(order []string, groups map[string][]File) string {
	var b strings.Builder
	for i, name := range order {
		if i == 20 {
			fmt.Fprintf(&b, "\n  and %d more", len(order)-i)
			break
		}
		size := int64(0)
		for _, f := range groups[name] {
			size += max(f.Size, 0)
		}
		fmt.Fprintf(&b, "\n  %s  %.2f GB", printable(name), float64(size)/1e9)
	}
	return b.String()
}
