package localtools

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"
	"sync"

	"github.com/harmony-go/sdk/agent"
)

// Place is what get_weather takes.
type Place struct {
	City string `json:"city" jsonschema:"maxLength=60"`
	Unit string `json:"unit,omitempty" jsonschema:"enum=celsius,enum=fahrenheit"`
}

// Report is what get_weather returns.
type Report struct {
	Temperature int    `json:"temperature"`
	Condition   string `json:"condition"`
	Source      string `json:"source"`
}

// sample says what the weather is. It is in every result, so that nobody takes it for real.
const sample = "sample data"

// Weather is the tool get_weather: a table of some cities. There is no network in it, and it says in every result that it is sample
// data.
func Weather() *agent.Function {
	return agent.Tool("get_weather", "Get the weather of a city (sample data).", func(_ context.Context, p Place) (Report, error) {
		w, ok := weatherByCity()[cityKey(p.City)]
		if !ok {
			return Report{}, fmt.Errorf("there is no sample data for %q; expected a large city such as Lisbon, Tokyo or New York", shortened(p.City))
		}
		degrees := w.celsius
		if p.Unit == "fahrenheit" {
			degrees = int(math.Round(float64(degrees)*9/5 + 32))
		}
		return Report{degrees, w.condition, sample}, nil
	})
}

type reading struct {
	celsius   int
	condition string
}

// weatherTable is made up. It has nothing to do with the weather anywhere.
const weatherTable = `Accra 30 sunny|Amsterdam 14 cloudy|Ankara 17 sunny|Athens 24 sunny|Auckland 16 windy|Baghdad 33 sunny|Bangkok 32 stormy
Barcelona 22 sunny|Beijing 19 hazy|Berlin 13 rainy|Bogota 15 cloudy|Boston 12 windy|Brussels 13 rainy|Bucharest 18 cloudy|Budapest 19 sunny
Buenos Aires 21 sunny|Cairo 31 sunny|Cape Town 20 windy|Caracas 26 cloudy|Casablanca 22 sunny|Chicago 9 windy|Copenhagen 11 cloudy|Dakar 28 sunny
Delhi 34 hazy|Dublin 12 rainy|Dubai 37 sunny|Edinburgh 10 rainy|Geneva 15 cloudy|Hamburg 12 rainy|Hanoi 29 rainy|Havana 28 sunny|Helsinki 8 cloudy
Hong Kong 27 humid|Honolulu 27 sunny|Houston 26 humid|Istanbul 19 cloudy|Jakarta 31 stormy|Jerusalem 23 sunny|Johannesburg 21 sunny|Kyiv 14 cloudy
Kyoto 18 cloudy|Lagos 30 humid|Lima 19 foggy|Lisbon 21 sunny|London 13 rainy|Los Angeles 23 sunny|Madrid 24 sunny|Manila 31 stormy|Melbourne 17 cloudy
Mexico City 20 cloudy|Miami 28 humid|Milan 18 foggy|Montreal 7 snowy|Moscow 6 snowy|Mumbai 32 humid|Munich 14 cloudy|Nairobi 22 sunny|New Delhi 34 hazy
New York 15 cloudy|Osaka 19 sunny|Oslo 7 snowy|Ottawa 6 snowy|Paris 16 cloudy|Porto 18 windy|Prague 13 cloudy|Quito 16 rainy|Reykjavik 4 windy|Riga 9 cloudy
Rio de Janeiro 28 sunny|Rome 22 sunny|San Francisco 16 foggy|Santiago 20 sunny|Sao Paulo 23 rainy|Seattle 12 rainy|Seoul 17 cloudy|Shanghai 21 hazy
Singapore 31 stormy|Sofia 16 sunny|Stockholm 9 cloudy|Sydney 22 sunny|Taipei 25 rainy|Tallinn 8 cloudy|Tehran 22 sunny|Tel Aviv 25 sunny|Tokyo 18 cloudy
Toronto 9 windy|Vancouver 11 rainy|Venice 19 foggy|Vienna 16 sunny|Vilnius 10 cloudy|Warsaw 13 cloudy|Washington 16 sunny|Wellington 14 windy|Zurich 14 cloudy
Adelaide 20 sunny|Algiers 23 sunny|Antwerp 13 rainy|Atlanta 22 humid|Austin 27 sunny|Bangalore 25 cloudy|Belgrade 18 sunny|Bergen 9 rainy|Bern 13 cloudy
Birmingham 12 rainy|Bologna 19 foggy|Bordeaux 17 cloudy|Bratislava 16 sunny|Brisbane 24 sunny|Bristol 12 windy|Calgary 3 snowy|Cardiff 12 rainy|Chennai 31 humid
Cologne 13 cloudy|Dallas 25 sunny|Denver 10 snowy|Detroit 8 cloudy|Doha 36 sunny|Florence 20 sunny|Frankfurt 14 cloudy|Ghent 13 rainy|Glasgow 10 rainy|Gothenburg 10 windy
Granada 23 sunny|Kampala 25 rainy|Karachi 33 hazy|Kolkata 31 humid|Krakow 13 cloudy|Kuala Lumpur 31 stormy|Las Vegas 29 sunny|Leeds 11 rainy|Lille 13 rainy|Liverpool 11 windy
Ljubljana 15 rainy|Lyon 17 cloudy|Malaga 24 sunny|Manchester 11 rainy|Marseille 20 windy|Minneapolis 4 snowy|Naples 22 sunny|New Orleans 27 humid|Nice 20 sunny
Perth 23 sunny|Philadelphia 14 cloudy|Phoenix 33 sunny|Portland 12 rainy|Quebec 3 snowy|Salt Lake City 9 snowy|San Diego 21 sunny|Seville 27 sunny|Shenzhen 27 humid
Stuttgart 14 cloudy|Turin 17 foggy|Valencia 23 sunny|Winnipeg 1 snowy|Zagreb 16 cloudy`

var weatherByCity = sync.OnceValue(readWeather)

func readWeather() map[string]reading {
	cities := map[string]reading{}
	for _, line := range strings.FieldsFunc(weatherTable, func(r rune) bool { return r == '|' || r == '\n' }) {
		words := strings.Fields(line)
		n := len(words)
		celsius, err := strconv.Atoi(words[n-2])
		if err != nil {
			panic("localtools: expected a temperature in the table of the weather, found " + line)
		}
		cities[cityKey(strings.Join(words[:n-2], " "))] = reading{celsius, words[n-1]}
	}
	return cities
}

// unaccented are letters of the names of cities as the table spells them.
var unaccented = strings.NewReplacer("á", "a", "ã", "a", "à", "a", "ä", "a", "é", "e", "è", "e", "í", "i", "ó", "o", "ô", "o", "ö", "o", "ú", "u", "ü", "u", "ç", "c", "ø", "o", "-", " ")

// cityKey returns how a city is looked up: in small letters, without accents and without the country behind it.
func cityKey(name string) string {
	name, _, _ = strings.Cut(name, ",")
	return strings.Join(strings.Fields(unaccented.Replace(strings.ToLower(name))), " ")
}
