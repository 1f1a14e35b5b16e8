package localtools

import (
	"context"
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/harmony-go/sdk/agent"
	"github.com/harmony-go/sdk/encoding"
	"github.com/harmony-go/sdk/engine"
)

// call lets a model call one of the tools, and returns what the model is told.
func call(t testing.TB, tools []*agent.Function, name, arguments string) string {
	t.Helper()
	tok := encoding.GPTOSS().Tokenizer()
	g := engine.Replay(append(append(encoding.GPTOSS().OpenTool("functions."+name), tok.Encode(arguments)...), tok.EncodeSpecial("<|call|>")...),
		tok.EncodeSpecial("<|channel|>final<|message|>Done.<|return|>"))
	a, err := agent.New(g, &agent.Options{Tools: tools, Limits: agent.Limits{Result: -1}})
	require.NoError(t, err)
	s := a.NewSession()
	_, err = s.Ask(context.Background(), "Go.")
	require.NoError(t, err)
	require.Len(t, s.Turn().Calls, 1)
	return s.Turn().Calls[0].Result
}

// TestDefault calls each tool as a model does: through its schema, with arguments in JSON.
func TestDefault(t *testing.T) {
	now := func() time.Time { return time.Date(2026, 1, 31, 23, 30, 0, 0, time.UTC) }
	tools := Default(now)
	for _, test := range []struct{ name, arguments, want string }{
		{"get_time", `{"timezone":"Asia/Tokyo"}`, `{"time":"08:30","date":"2026-02-01","weekday":"Sunday","timezone":"Asia/Tokyo"}`},
		{"get_time", `{"timezone":"tokyo"}`, `{"time":"08:30","date":"2026-02-01","weekday":"Sunday","timezone":"Asia/Tokyo"}`},
		{"get_time", `{"timezone":"New York, USA"}`, `{"time":"18:30","date":"2026-01-31","weekday":"Saturday","timezone":"America/New_York"}`},
		{"get_time", `{"timezone":"UTC"}`, `{"time":"23:30","date":"2026-01-31","weekday":"Saturday","timezone":"UTC"}`},
		{"get_time", `{"timezone":"../../etc/passwd"}`, `{"error":"there is no time zone \"../../etc/passwd\"; expected an IANA name such as Europe/Lisbon, or a large city"}`},
		{"calculate", `{"expression":"12 * 7"}`, `{"result":84}`},
		{"calculate", `{"expression":"1/3"}`, `{"result":0.333333333333333,"approximate":true}`},
		{"calculate", `{"expression":"1/0"}`, `{"error":"division by zero, at character 2 of the expression"}`},
		{"convert_units", `{"value":10,"from":"km","to":"miles"}`, `{"result":6.213711922,"unit":"mi","approximate":true}`},
		{"convert_units", `{"value":100,"from":"Fahrenheit","to":"celsius"}`, `{"result":37.77777778,"unit":"°C","approximate":true}`},
		{"convert_units", `{"value":1,"from":"kg","to":"hours"}`, `{"error":"kg is a unit of mass, and h of time: they cannot be converted"}`},
		{"get_weather", `{"city":"Lisbon"}`, `{"temperature":21,"condition":"sunny","source":"sample data"}`},
		{"get_weather", `{"city":"São Paulo, Brazil","unit":"fahrenheit"}`, `{"temperature":73,"condition":"rainy","source":"sample data"}`},
		{"get_weather", `{"city":"Atlantis"}`, `{"error":"there is no sample data for \"Atlantis\"; expected a large city such as Lisbon, Tokyo or New York"}`},
	} {
		assert.Equal(t, test.want, call(t, tools, test.name, test.arguments), "%s %s", test.name, test.arguments)
	}
	assert.Contains(t, call(t, tools, "get_weather", `{"city":"Paris","unit":"kelvin"}`), `{"error":`)
	local := call(t, tools, "get_time", `{}`)
	assert.Contains(t, local, now().Local().Format("15:04"))
}

// TestZones: every zone that stands in the table exists.
func TestZones(t *testing.T) {
	for name := range zones {
		_, err := zoneOf(name)
		assert.NoError(t, err, name)
	}
	for _, bad := range []string{"Nowhere", "/etc/localtime", "..", strings.Repeat("x", 100), "Europe/", "\\", "a\x00b"} {
		_, err := zoneOf(bad)
		assert.Error(t, err, bad)
	}
}

// TestConvert: factors that are well known, in both directions, and the spellings of people.
func TestConvert(t *testing.T) {
	for _, test := range []struct {
		value    float64
		from, to string
		want     string
	}{
		{1, "mile", "km", "1.609344"}, {1, "in", "cm", "2.54"}, {6, "feet", "m", "1.8288"}, {5, "inches", `"`, "5"}, {1, "light year", "m", "9460730472580800"},
		{1, "lb", "g", "453.59237"}, {2.5, "kilograms", "lbs", "5.511556555"}, {1, "stone", "pounds", "14"}, {16, "oz", "lb", "1"}, {1, "t", "kg", "1000"},
		{0, "C", "F", "32"}, {-40, "celsius", "fahrenheit", "-40"}, {100, "°C", "K", "373.15"}, {0, "kelvin", "degrees Celsius", "-273.15"}, {98.6, "F", "C", "37"},
		{1, "gallon", "liters", "3.785411784"}, {1, "cup", "ml", "236.5882365"}, {16, "tbsp", "cups", "1"}, {3, "tsp", "tablespoons", "1"}, {8, "fluid ounces", "cup", "1"},
		{1, "imperial gallon", "l", "4.54609"}, {1, "m3", "litres", "1000"}, {1, "cubic foot", "cubic inches", "1728"},
		{36, "km/h", "m/s", "10"}, {60, "mph", "kph", "96.56064"}, {1, "knot", "km/h", "1.852"}, {10, "meters per second", "kilometers per hour", "36"},
		{1, "week", "hours", "168"}, {1, "year", "days", "365.2425"}, {90, "min", "h", "1.5"}, {1500, "ms", "s", "1.5"},
		{1, "GB", "MB", "1000"}, {1, "GiB", "MiB", "1024"}, {1, "MB", "Mb", "8"}, {1, "byte", "bits", "8"}, {100, "Mbit", "mb", "12.5"},
		{1, "acre", "m²", "4046.8564224"}, {1, "hectare", "square meters", "10000"}, {1, "square mile", "acres", "640"}, {1, "km2", "ha", "100"},
		{1, "kWh", "kJ", "3600"}, {1, "kcal", "cal", "1000"}, {1, "atm", "kPa", "101.325"}, {1, "psi", "Pa", "6894.757293"}, {1, "bar", "mbar", "1000"},
		{180, "degrees", "turns", "0.5"}, {0.1, "m", "cm", "10"}, {1, "hp", "W", "745.69987158227022"}, {1, "eV", "J", "1.602176634e-19"},
	} {
		from, err := unitOf(test.from)
		require.NoError(t, err)
		to, err := unitOf(test.to)
		require.NoError(t, err)
		n, err := convert(test.value, from, to)
		require.NoError(t, err)
		got, _ := n.text(convertedDigits)
		assert.Equal(t, test.want, got, "%v %s in %s", test.value, test.from, test.to)
		back, err := convert(n.float(), to, from)
		require.NoError(t, err)
		assert.InDelta(t, test.value, back.float(), 1e-9*math.Max(1, math.Abs(test.value)), "%s in %s and back", test.from, test.to)
	}
	_, err := unitOf("parsnips")
	assert.ErrorContains(t, err, `no unit "parsnips"; expected one of temperature, length,`)
	kelvin, _ := unitOf("K")
	_, err = convert(-1, kelvin, kelvin)
	assert.ErrorIs(t, err, errBelowZero)
}

// TestUnitTable: no name of the table is taken by two units, and each unit is found by all of its own.
func TestUnitTable(t *testing.T) {
	taken := map[string]string{}
	units, _ := unitsByName()
	for _, line := range strings.Split(unitTable+temperatures, "\n") {
		fields := strings.Fields(line)
		if len(fields) < 3 {
			continue
		}
		rest := strings.SplitN(line, " ", 3)[2]
		if units[fields[0]] != nil && units[fields[0]].quantity == "temperature" {
			rest = strings.SplitN(line, " ", 4)[3]
		}
		symbol := strings.ReplaceAll(fields[0], "_", " ")
		for _, name := range append(strings.Split(rest, "|"), symbol) {
			if other, ok := taken[name]; ok && other != symbol {
				t.Errorf("%q is %s and %s", name, other, symbol)
			}
			taken[name] = symbol
			u, err := unitOf(name)
			require.NoError(t, err)
			assert.Equal(t, symbol, u.symbol, name)
		}
	}
	assert.Greater(t, len(taken), 250)
}

// TestResults: what the tools return is JSON, however large or small the number.
func TestResults(t *testing.T) {
	for _, text := range []string{"2^4000", "1/2^4000", "1/3^2000", "1e308*3", "1/3e-300", "-1/7"} {
		n, err := evaluate(text)
		require.NoError(t, err, text)
		got, _ := n.text(digits)
		assert.True(t, json.Valid([]byte(got)), "%s gives %s", text, got)
	}
}
