package localtools

import (
	"math"
	"math/big"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestEvaluate: what people and models write, and what it comes to.
func TestEvaluate(t *testing.T) {
	for text, want := range map[string]string{
		"1+2*3": "7", "(1+2)*3": "9", "2^3^2": "512", "-2^2": "-4", "(-2)^2": "4", "2**-1": "0.5", "2^-2": "0.25", "--3": "3",
		"0.1+0.2": "0.3", "1/8": "0.125", "1/4 + 1/4": "0.5", "12 * 7": "84", "10 - 4 - 3": "3", "100/10/5": "2", "7 mod 3": "1", "7 % 3": "1",
		"-7 mod 3": "2", "7 % -3": "-2.93", "5%": "0.05", "15% of 80": "12", "200 * 5%": "10", "50% + 50%": "1", "5!": "120", "3!!": "720", "0!": "1",
		"1,234,567 + 1": "1234568", "1_000": "1000", "max(1,234)": "234", "max(1, 2, 3)": "3", "min(3, -1)": "-1", "(1,000)": "1000",
		"sqrt(16)": "4", "sqrt 9 + 1": "4", "√16": "4", "sqrt(0.25)": "0.5", "16^0.5": "4", "abs(-3.5)": "3.5", "round(2.5)": "3", "round(-2.5)": "-3", "round(1/3, 2)": "0.33",
		"floor(-1.5)": "-2", "ceil(-1.5)": "-1", "trunc(-1.5)": "-1", "floor(1e3)": "1000", "1e-3": "0.001", "2.5E2": "250", ".5*2": "1", "5.": "5",
		"sum(1,2,3)": "6", "avg(1,2)": "1.5", "pow(2, 10)": "1024", "mod(10, 4)": "2", "log(1000)": "3", "log(8, 2)": "3", "log2(8)": "3", "ln(1)": "0", "exp(0)": "1",
		"sin(pi)": "0", "cos(0)": "1", "SIN(rad(90))": "1", "deg(pi)": "180", "3 × 4 ÷ 2 − 1": "5", "3²": "9", "2π/pi": "",
		"1/3": "0.333333333333333", "sqrt(2)": "1.4142135623731", "pi": "3.14159265358979", "2^200": "1606938044258990275541962092341162602522202993782792835301376",
		"1/3*3": "1", "1e300*1e300/1e300": "1" + strings.Repeat("0", 300), "factorial(3)": "6", "(0-1)^(-1)": "-1", "1^99999999999999999999": "1", "0^5": "0", "0^0": "1",
	} {
		n, err := evaluate(text)
		if want == "" {
			assert.Error(t, err, text)
			continue
		}
		if assert.NoError(t, err, text) {
			got, _ := n.text(digits)
			assert.Equal(t, want, got, text)
		}
	}
}

// TestEvaluateErrors: each error says what is wrong and where.
func TestEvaluateErrors(t *testing.T) {
	for text, want := range map[string]string{
		"": "expected a number, found the end, at character 1", "1+": "found the end, at character 3", "1 2": "expected an operator or the end, found '2'",
		"(1": "a closing parenthesis, found the end", "1)": "found ')'", "foo(1)": `no function or constant "foo"`, "sqrt()": "1 argument", "pow(2)": "2 arguments",
		"1/0": "division by zero, at character 2", "5 mod 0": "division by zero", "0^-1": "division by zero", "sqrt(-1)": "no square root", "(-8)^0.3": "negative number",
		"log(0)": "positive", "log(5,1)": "positive", "1.5!": "factorial", "501!": "too large", "9^9^9": "too large", "2^4097": "too large", "1e9999": "too large", "1e999": "",
		"10^1200*10^1200": "too large", "exp(1000)": "too large", "asin(2)": "not a real number", "tan(": "found the end", "max(1;": "found the end",
		"1 $ 2": "found '$'", ".": "expected a number", "round(1, 99)": "0 to 30 decimals", "import os": `"import"`, "\x00": "found", strings.Repeat("(", 100) + "1": "less nesting",
		strings.Repeat("-", 100) + "1": "less nesting", strings.Repeat("2^", 100) + "2": "less nesting", strings.Repeat("1+", 600): "at most 1000 bytes",
		"min(1,2": "comma or a closing parenthesis", "sin(1, 2)": "expected 1 argument of sin, found 2",
	} {
		_, err := evaluate(text)
		if want == "" {
			assert.NoError(t, err, text)
			continue
		}
		assert.ErrorContains(t, err, want, "%.30q", text)
	}
}

// TestEvaluateExact compares sums of products of decimals with math/big.
func TestEvaluateExact(t *testing.T) {
	want, text := new(big.Rat), "0"
	for i := range 40 {
		a, b := big.NewRat(int64(i*7919%1000), 100), big.NewRat(int64(i+1), 8)
		text += " + " + a.FloatString(2) + "*" + b.FloatString(3)
		want.Add(want, a.Mul(a, b))
	}
	n, err := evaluate(text)
	require.NoError(t, err)
	require.Zero(t, n.exact.Cmp(want))
}

// FuzzEvaluate: no expression panics or runs long, and every result is a number that JSON can hold.
func FuzzEvaluate(f *testing.F) {
	for _, s := range []string{"1+2", "sqrt(2)^3!", "5%%", "((((", "round(1e300,30)", "9999!", "1,2,3", "2^2^2^2", "abs-1", "floor pi", "mod(1e-300, 3e200)"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		n, err := evaluate(text)
		if err != nil {
			if err.Error() == "" {
				t.Error("an error without words")
			}
			return
		}
		got, _ := n.text(digits)
		back, _, err := big.ParseFloat(got, 10, 100, big.ToNearestEven)
		if err != nil {
			t.Fatalf("%q gives %q: %v", text, got, err)
		}
		if f, _ := back.Float64(); n.exact == nil && math.Abs(f-n.f) > 1e-13*math.Abs(n.f) {
			t.Errorf("%q gives %q for %v", text, got, n.f)
		}
	})
}

func TestShortened(t *testing.T) {
	for name, want := range map[string]string{
		"furlong":                   "furlong",
		"a\x1b[31mb\x00":            "a[31mb",
		"twenty characters or":      "twenty characters or",
		"twenty characters or more": "twenty characters or…",
		"Κωνσταντινούπολη και Θεσσαλονίκη": "Κωνσταντινούπολη και…",
	} {
		assert.Equal(t, want, shortened(name))
	}
}
