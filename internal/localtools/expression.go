package localtools

import (
	"errors"
	"fmt"
	"math/big"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The grammar, the loosest first. "of" and "%" are what people write; everything else is as in most languages, and -2^2 is -4.
//
//	sum      = product { ("+" | "-") product }
//	product  = unary { ("*" | "/" | "mod" | "%" | "of") unary }
//	unary    = ("+" | "-") unary | power
//	power    = postfix [ ("^" | "**") unary ]
//	postfix  = primary { "!" | "%" }
//	primary  = number | constant | function ( "(" sum { "," sum } ")" | unary ) | "(" sum ")"

// The bounds of an expression. They keep a model from making work.
const (
	maxExpression = 1000 // bytes
	maxDepth      = 60   // parentheses, signs and powers within each other
)

// reader reads an expression from left to right, and computes as it goes.
type reader struct {
	text  string
	at    int
	depth int
	args  int // functions around: where a comma separates arguments
}

// evaluate computes an expression. The error says what is wrong and where.
func evaluate(text string) (number, error) {
	if len(text) > maxExpression {
		return number{}, fmt.Errorf("expected an expression of at most %d bytes, found %d", maxExpression, len(text))
	}
	r := &reader{text: ordinary.Replace(text)}
	n, err := r.sum()
	if err == nil {
		if r.skip(); r.at < len(r.text) {
			err = r.unexpected("an operator or the end")
		}
	}
	return n, err
}

// ordinary spells the signs of typography as ASCII.
var ordinary = strings.NewReplacer("×", "*", "·", "*", "÷", "/", "−", "-", "–", "-", "²", "^2", "³", "^3", "√", "sqrt ", "π", "pi", "\u00a0", " ", "\u202f", " ")

func (r *reader) skip() {
	for r.at < len(r.text) && strings.ContainsRune(" \t\r\n", rune(r.text[r.at])) {
		r.at++
	}
}

// take reads one of the operators, if one comes next.
func (r *reader) take(operators ...string) string {
	r.skip()
	for _, op := range operators {
		rest := r.text[r.at:]
		if !strings.HasPrefix(rest, op) || isLetter(op[0]) && len(rest) > len(op) && isLetter(rest[len(op)]) {
			continue
		}
		r.at += len(op)
		return op
	}
	return ""
}

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' }
func isDigit(c byte) bool  { return c >= '0' && c <= '9' }

func (r *reader) unexpected(wanted string) error {
	r.skip()
	if r.at >= len(r.text) {
		return &expressionError{r.at, "expected " + wanted + ", found the end"}
	}
	c, _ := utf8.DecodeRuneInString(r.text[r.at:])
	return &expressionError{r.at, fmt.Sprintf("expected %s, found %q", wanted, c)}
}

// placed adds to an error where it happened.
func placed(n number, err error, at int) (number, error) {
	var known *expressionError
	if err != nil && !errors.As(err, &known) {
		err = &expressionError{at, err.Error()}
	}
	return n, err
}

func (r *reader) sum() (number, error) {
	if r.depth++; r.depth > maxDepth {
		return number{}, &expressionError{r.at, "expected less nesting"}
	}
	defer func() { r.depth-- }()
	left, err := r.product()
	for err == nil {
		op := r.take("+", "-")
		if op == "" {
			return left, nil
		}
		at := r.at - 1
		var right number
		if right, err = r.product(); err == nil {
			if op == "-" {
				right = right.negated()
			}
			left, err = left.plus(right)
			left, err = placed(left, err, at)
		}
	}
	return number{}, err
}

func (r *reader) product() (number, error) {
	left, err := r.unary()
	for err == nil {
		op := r.take("*", "/", "mod", "%", "of")
		if op == "" {
			return left, nil
		}
		at := r.at - len(op)
		var right number
		if right, err = r.unary(); err == nil {
			switch op {
			case "/":
				left, err = left.over(right)
			case "mod", "%":
				left, err = left.modulo(right)
			default:
				left, err = left.times(right)
			}
			left, err = placed(left, err, at)
		}
	}
	return number{}, err
}

func (r *reader) unary() (number, error) {
	op := r.take("+", "-")
	if op == "" {
		return r.power()
	}
	if r.depth++; r.depth > maxDepth {
		return number{}, &expressionError{r.at, "expected less nesting"}
	}
	defer func() { r.depth-- }()
	n, err := r.unary()
	if op == "-" && err == nil {
		n = n.negated()
	}
	return n, err
}

func (r *reader) power() (number, error) {
	base, err := r.postfix()
	if err != nil {
		return number{}, err
	}
	op := r.take("^", "**")
	if op == "" {
		return base, nil
	}
	at := r.at - len(op)
	if r.depth++; r.depth > maxDepth {
		return number{}, &expressionError{at, "expected less nesting"}
	}
	defer func() { r.depth-- }()
	exponent, err := r.unary()
	if err != nil {
		return number{}, err
	}
	n, err := base.raised(exponent)
	return placed(n, err, at)
}

func (r *reader) postfix() (number, error) {
	n, err := r.primary()
	for err == nil {
		op := r.take("!", "%")
		if op == "" {
			return n, nil
		}
		at := r.at - 1
		if op == "%" && r.operandFollows() { // 7 % 3
			r.at = at
			return n, nil
		}
		if op == "!" {
			n, err = n.factorial()
		} else {
			n, err = n.over(integer(100))
		}
		n, err = placed(n, err, at)
	}
	return number{}, err
}

// operandFollows reports whether what comes next begins an operand, and is not "of", "mod" or a sign: 5% - 3 is a difference.
func (r *reader) operandFollows() bool {
	at := r.at
	defer func() { r.at = at }()
	if r.take("of", "mod") != "" {
		return false
	}
	r.skip()
	if r.at >= len(r.text) {
		return false
	}
	c := r.text[r.at]
	return isDigit(c) || isLetter(c) || c == '(' || c == '.'
}

func (r *reader) primary() (number, error) {
	r.skip()
	switch {
	case r.at >= len(r.text):
	case r.take("(") != "":
		args := r.args
		r.args = 0
		n, err := r.sum()
		r.args = args
		if err == nil && r.take(")") == "" {
			err = r.unexpected("a closing parenthesis")
		}
		return n, err
	case isDigit(r.text[r.at]) || r.text[r.at] == '.':
		return r.number()
	case isLetter(r.text[r.at]):
		return r.named()
	}
	return number{}, r.unexpected("a number")
}

// number reads digits. Commas between groups of three are left out where they cannot separate arguments.
func (r *reader) number() (number, error) {
	begin := r.at
	seen := func(ok func(byte) bool) {
		for r.at < len(r.text) && ok(r.text[r.at]) {
			r.at++
		}
	}
	digit := func(c byte) bool { return isDigit(c) || c == '_' }
	seen(digit)
	for r.args == 0 && r.group() {
		r.at += 4
	}
	if r.at < len(r.text) && r.text[r.at] == '.' {
		r.at++
		seen(digit)
	}
	text := strings.NewReplacer(",", "", "_", "").Replace(r.text[begin:r.at])
	if strings.Trim(text, ".") == "" {
		r.at = begin
		return number{}, r.unexpected("a number")
	}
	exponent, err := r.exponent()
	if err != nil {
		return number{}, err
	}
	value, ok := new(big.Rat).SetString(text + exponent)
	if !ok {
		return number{}, &expressionError{begin, "expected a number"}
	}
	n, err := bounded(value)
	return placed(n, err, begin)
}

// group reports whether a comma and three digits come next, and no fourth.
func (r *reader) group() bool {
	rest := r.text[r.at:]
	return len(rest) >= 4 && rest[0] == ',' && isDigit(rest[1]) && isDigit(rest[2]) && isDigit(rest[3]) && (len(rest) == 4 || !isDigit(rest[4]))
}

// exponent reads "e-9" behind a number; "" if none is there.
func (r *reader) exponent() (string, error) {
	rest := r.text[r.at:]
	if rest == "" || rest[0] != 'e' && rest[0] != 'E' {
		return "", nil
	}
	i := 1
	if i < len(rest) && (rest[i] == '+' || rest[i] == '-') {
		i++
	}
	begin := i
	for i < len(rest) && isDigit(rest[i]) {
		i++
	}
	if i == begin {
		return "", nil
	}
	if i-begin > 3 {
		return "", &expressionError{r.at, errTooLarge.Error()}
	}
	r.at += i
	return rest[:i], nil
}

// named reads a constant, or a function and its arguments.
func (r *reader) named() (number, error) {
	begin := r.at
	for r.at < len(r.text) && (isLetter(r.text[r.at]) || isDigit(r.text[r.at])) {
		r.at++
	}
	name := strings.ToLower(r.text[begin:r.at])
	if c, ok := constants[name]; ok {
		return number{f: c}, nil
	}
	f, ok := functions[name]
	if !ok {
		return number{}, &expressionError{begin, fmt.Sprintf("there is no function or constant %q; there are %s", shortened(name), functionNames)}
	}
	if r.take("(") == "" {
		if f.least > 1 {
			return number{}, r.unexpected("an opening parenthesis behind " + name)
		}
		n, err := r.unary() // sqrt 2
		if err == nil {
			n, err = f.apply([]number{n})
		}
		return placed(n, err, begin)
	}
	list, err := r.arguments()
	if err != nil {
		return number{}, err
	}
	if len(list) < f.least || len(list) > f.most {
		return number{}, &expressionError{begin, fmt.Sprintf("expected %s of %s, found %d", f.arity(), name, len(list))}
	}
	n, err := f.apply(list)
	return placed(n, err, begin)
}

// arguments reads what stands between the parentheses of a function.
func (r *reader) arguments() ([]number, error) {
	r.args++
	defer func() { r.args-- }()
	var list []number
	if r.take(")") != "" {
		return nil, nil
	}
	for {
		n, err := r.sum()
		if err != nil {
			return nil, err
		}
		list = append(list, n)
		switch r.take(",", ";", ")") {
		case ")":
			return list, nil
		case "":
			return nil, r.unexpected("a comma or a closing parenthesis")
		}
	}
}

// shortened is a name as an error message quotes it: 20 characters at most, none of them a control.
func shortened(name string) string {
	name = strings.Map(func(c rune) rune {
		if unicode.IsControl(c) {
			return -1
		}
		return c
	}, name)
	n := 0
	for i := range name {
		if n++; n > 20 {
			return name[:i] + "…"
		}
	}
	return name
}
