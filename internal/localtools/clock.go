package localtools

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/harmony-go/sdk/agent"
)

// TimeQuery is what get_time takes.
type TimeQuery struct {
	Timezone string `json:"timezone,omitempty" jsonschema:"maxLength=64,description=An IANA time zone or a city; the local one if absent"`
}

// Time is what get_time returns.
type Time struct {
	Time     string `json:"time"`
	Date     string `json:"date"`
	Weekday  string `json:"weekday"`
	Timezone string `json:"timezone"`
}

// Clock is the tool get_time: what time it is, here or in another zone. now is where it looks.
func Clock(now func() time.Time) *agent.Function {
	return agent.Tool("get_time", "Get the current time and date.", func(_ context.Context, q TimeQuery) (Time, error) {
		zone, err := zoneOf(q.Timezone)
		if err != nil {
			return Time{}, err
		}
		t := now().In(zone)
		return Time{t.Format("15:04"), t.Format(time.DateOnly), t.Weekday().String(), zoneName(zone, t)}, nil
	})
}

// zoneName names a zone; the local one may have no name but "Local".
func zoneName(zone *time.Location, t time.Time) string {
	if zone == time.Local {
		return t.Format("MST")
	}
	return zone.String()
}

// regions are the parts of the world that the names of the IANA's zones begin with.
var regions = []string{"Europe/", "America/", "Asia/", "Africa/", "Australia/", "Pacific/", "Atlantic/", "Indian/", "America/Argentina/", "Antarctica/"}

// zones are what people say for a zone that is not its IANA name.
var zones = map[string]string{
	"": "Local", "local": "Local", "here": "Local", "utc": "UTC", "gmt": "UTC", "z": "UTC", "zulu": "UTC",
	"est": "America/New_York", "edt": "America/New_York", "et": "America/New_York", "eastern": "America/New_York",
	"cst": "America/Chicago", "cdt": "America/Chicago", "ct": "America/Chicago", "central": "America/Chicago",
	"mst": "America/Denver", "mdt": "America/Denver", "mt": "America/Denver", "mountain": "America/Denver",
	"pst": "America/Los_Angeles", "pdt": "America/Los_Angeles", "pt": "America/Los_Angeles", "pacific": "America/Los_Angeles",
	"bst": "Europe/London", "wet": "Europe/Lisbon", "west": "Europe/Lisbon", "cet": "Europe/Paris", "cest": "Europe/Paris",
	"eet": "Europe/Athens", "eest": "Europe/Athens", "msk": "Europe/Moscow", "jst": "Asia/Tokyo", "kst": "Asia/Seoul", "ist": "Asia/Kolkata",
	"aest": "Australia/Sydney", "aedt": "Australia/Sydney", "nzst": "Pacific/Auckland", "nzdt": "Pacific/Auckland",
	"san francisco": "America/Los_Angeles", "seattle": "America/Los_Angeles", "washington": "America/New_York", "boston": "America/New_York",
	"miami": "America/New_York", "philadelphia": "America/New_York", "atlanta": "America/New_York", "houston": "America/Chicago",
	"dallas": "America/Chicago", "austin": "America/Chicago", "las vegas": "America/Los_Angeles", "montreal": "America/Toronto",
	"ottawa": "America/Toronto", "rio de janeiro": "America/Sao_Paulo", "beijing": "Asia/Shanghai", "shenzhen": "Asia/Shanghai",
	"mumbai": "Asia/Kolkata", "delhi": "Asia/Kolkata", "new delhi": "Asia/Kolkata", "bangalore": "Asia/Kolkata", "chennai": "Asia/Kolkata",
	"osaka": "Asia/Tokyo", "kyoto": "Asia/Tokyo", "hanoi": "Asia/Bangkok", "abu dhabi": "Asia/Dubai", "tel aviv": "Asia/Jerusalem",
	"munich": "Europe/Berlin", "hamburg": "Europe/Berlin", "frankfurt": "Europe/Berlin", "cologne": "Europe/Berlin", "geneva": "Europe/Zurich",
	"milan": "Europe/Rome", "naples": "Europe/Rome", "barcelona": "Europe/Madrid", "porto": "Europe/Lisbon", "lyon": "Europe/Paris",
	"edinburgh": "Europe/London", "manchester": "Europe/London", "kyiv": "Europe/Kiev", "cape town": "Africa/Johannesburg",
	"india": "Asia/Kolkata", "japan": "Asia/Tokyo", "china": "Asia/Shanghai", "korea": "Asia/Seoul", "germany": "Europe/Berlin",
	"france": "Europe/Paris", "spain": "Europe/Madrid", "italy": "Europe/Rome", "portugal": "Europe/Lisbon", "uk": "Europe/London",
	"england": "Europe/London", "ireland": "Europe/Dublin", "iceland": "Atlantic/Reykjavik", "egypt": "Africa/Cairo", "hawaii": "Pacific/Honolulu",
	"salt lake city": "America/Denver", "san diego": "America/Los_Angeles", "portland": "America/Los_Angeles", "new orleans": "America/Chicago",
	"minneapolis": "America/Chicago", "calgary": "America/Edmonton", "quebec": "America/Toronto", "glasgow": "Europe/London", "liverpool": "Europe/London",
	"birmingham": "Europe/London", "cardiff": "Europe/London", "marseille": "Europe/Paris", "nice": "Europe/Paris", "valencia": "Europe/Madrid",
	"seville": "Europe/Madrid", "florence": "Europe/Rome", "turin": "Europe/Rome", "venice": "Europe/Rome", "bergen": "Europe/Oslo",
	"ghent": "Europe/Brussels", "antwerp": "Europe/Brussels", "krakow": "Europe/Warsaw", "stuttgart": "Europe/Berlin", "bern": "Europe/Zurich",
	"wellington": "Pacific/Auckland", "canberra": "Australia/Sydney",
}

// zoneOf returns the zone that people mean: by its IANA name, by a name in zones, or by the city that an IANA name ends in.
func zoneOf(name string) (*time.Location, error) {
	name = strings.TrimSpace(name)
	if len(name) > 64 {
		return nil, fmt.Errorf("expected the name of a time zone, found %d bytes", len(name))
	}
	city, _, _ := strings.Cut(name, ",") // Paris, France
	city = strings.TrimSpace(city)
	if known, ok := zones[strings.ToLower(city)]; ok {
		if known == "Local" {
			return time.Local, nil
		}
		return time.LoadLocation(known)
	}
	if strings.Contains(name, "/") {
		if zone, err := time.LoadLocation(name); err == nil {
			return zone, nil
		}
	}
	file := strings.ReplaceAll(titled(city), " ", "_")
	for _, region := range regions {
		if zone, err := time.LoadLocation(region + file); err == nil {
			return zone, nil
		}
	}
	return nil, fmt.Errorf("there is no time zone %q; expected an IANA name such as Europe/Lisbon, or a large city", name)
}

// titled writes each word of a name with a capital.
func titled(name string) string {
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return r == ' ' || r == '_' })
	for i, w := range words {
		words[i] = strings.ToUpper(w[:1]) + w[1:]
	}
	return strings.Join(words, " ")
}
