package localtools

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"strconv"
	"strings"

	"github.com/harmony-go/sdk/agent"
)

// Conversion is what convert_units takes.
type Conversion struct {
	Value float64 `json:"value"`
	From  string  `json:"from" jsonschema:"maxLength=40,description=A unit such as km"`
	To    string  `json:"to" jsonschema:"maxLength=40,description=A unit such as miles"`
}

// Converted is what convert_units returns.
type Converted struct {
	Result      json.Number `json:"result"`
	Unit        string      `json:"unit"`
	Approximate bool        `json:"approximate,omitempty"` // it has more digits
}

// convertedDigits is how many digits a result has that has no end: as many as anybody measures.
const convertedDigits = 10

// Converter is the tool convert_units. The factors are the exact ones of the units' definitions.
func Converter() *agent.Function {
	return agent.Tool("convert_units", "Convert a value from one unit to another.", func(_ context.Context, c Conversion) (Converted, error) {
		from, err := unitOf(c.From)
		if err != nil {
			return Converted{}, err
		}
		to, err := unitOf(c.To)
		if err != nil {
			return Converted{}, err
		}
		n, err := convert(c.Value, from, to)
		if err != nil {
			return Converted{}, err
		}
		text, whole := n.text(convertedDigits)
		return Converted{json.Number(text), to.symbol, !whole}, nil
	})
}

// unit is a unit of a quantity: value*factor + offset is the value in the quantity's base unit.
type unit struct {
	symbol         string
	quantity       string
	factor, offset *big.Rat
}

var errBelowZero = errors.New("the temperature is below absolute zero")

// convert converts a value. What is written in decimals is taken as such: 0.1 is a tenth.
func convert(value float64, from, to *unit) (number, error) {
	if from.quantity != to.quantity {
		return number{}, fmt.Errorf("%s is a unit of %s, and %s of %s: they cannot be converted", from.symbol, from.quantity, to.symbol, to.quantity)
	}
	v, ok := new(big.Rat).SetString(strconv.FormatFloat(value, 'g', -1, 64))
	if !ok {
		return number{}, errors.New("the value is not a number")
	}
	v.Mul(v, from.factor).Add(v, from.offset)
	if from.quantity == "temperature" && v.Sign() < 0 {
		return number{}, errBelowZero
	}
	v.Sub(v, to.offset).Quo(v, to.factor)
	return bounded(v)
}

// unitOf finds a unit by a name, a symbol, a plural. Capitals count only where they tell two units apart.
func unitOf(name string) (*unit, error) {
	text := strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(name), "."))
	if len(text) > 40 {
		return nil, fmt.Errorf("expected a unit, found %d bytes", len(name))
	}
	units, quantities := unitsByName()
	if u, ok := units[text]; ok {
		return u, nil
	}
	text = strings.Join(strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return r == ' ' || r == '_' || r == '-' }), " ")
	for _, old := range [][2]string{{"metre", "meter"}, {"litre", "liter"}, {"degrees ", ""}, {"degree ", ""}, {"°", ""}, {" per ", "/"}, {"square ", "sq "}, {"cubic ", "cu "}} {
		text = strings.ReplaceAll(text, old[0], old[1])
	}
	for _, try := range []string{text, strings.TrimSuffix(text, "s"), strings.TrimSuffix(text, "es"), strings.Replace(text, "s/", "/", 1)} {
		if u, ok := units[try]; ok {
			return u, nil
		}
	}
	return nil, fmt.Errorf("there is no unit %q; expected one of %s, such as km, miles, kg, lb, celsius, liters, gallons, km/h, hours, GB or acres",
		shortened(name), quantities)
}
