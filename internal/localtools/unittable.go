package localtools

import (
	"math/big"
	"strings"
	"sync"
)

// unitTable has a line for each unit: its symbol, its factor, and further names. Sources of the factors: the SI brochure, 9th edition; NIST
// Special Publication 811, appendix B, where factors in bold are exact; IEC 80000-13 for KiB and the like. Gallons,
// quarts, pints, cups and fluid ounces are those of the United States; the imperial ones say so. Months and years are the averages of the
// Gregorian calendar; calories are thermochemical.
const unitTable = `
length
m 1 meter
km 1000 kilometer
cm 1/100 centimeter
mm 1/1000 millimeter
µm 1/1000000 um|μm|micrometer|micron
nm 1/1000000000 nanometer
in 254/10000 inch|inches|"|″
ft 3048/10000 foot|feet|'|′
yd 9144/10000 yard
mi 1609344/1000 mile
nmi 1852 nautical mile|sea mile
au 149597870700 astronomical unit
ly 9460730472580800 light year|lightyear
mass
kg 1 kilogram|kilo
g 1/1000 gram
mg 1/1000000 milligram
µg 1/1000000000 ug|μg|microgram
t 1000 tonne|metric ton
lb 45359237/100000000 pound|lbs
oz 45359237/1600000000 ounce
st 635029318/100000000 stone|stones
ton 90718474/100000 short ton|us ton
long_ton 10160469088/10000000 long ton|imperial ton
ct 2/10000 carat
volume
l 1 L|liter
ml 1/1000 mL|milliliter
cl 1/100 cL|centiliter
dl 1/10 dL|deciliter
m³ 1000 m3|m^3|cu meter
cm³ 1/1000 cm3|cm^3|cc|cu centimeter
gal 3785411784/1000000000 gallon|us gallon
qt 946352946/1000000000 quart
pt 473176473/1000000000 pint
cup 2365882365/10000000000 cups
fl_oz 295735295625/10000000000000 fl oz|fluid ounce|floz
tbsp 1478676478125/100000000000000 tablespoon
tsp 492892159375/100000000000000 teaspoon
imp_gal 454609/100000 imperial gallon|uk gallon
imp_pt 56826125/100000000 imperial pint|uk pint
ft³ 28316846592/1000000000 ft3|ft^3|cu ft|cu foot|cu feet
in³ 16387064/1000000000 in3|in^3|cu in|cu inch|cu inches
bbl 158987294928/1000000000 barrel|oil barrel
area
m² 1 m2|m^2|sq m|sqm|sq meter
km² 1000000 km2|km^2|sq km|sq kilometer
cm² 1/10000 cm2|cm^2|sq cm|sq centimeter
mm² 1/1000000 mm2|mm^2|sq mm|sq millimeter
ha 10000 hectare
acre 40468564224/10000000 ac
ft² 9290304/100000000 ft2|ft^2|sq ft|sqft|sq foot|sq feet
in² 64516/100000000 in2|in^2|sq in|sq inch|sq inches
yd² 83612736/100000000 yd2|yd^2|sq yd|sq yard
mi² 2589988110336/1000000 mi2|mi^2|sq mi|sq mile
speed
m/s 1 mps|meter/second|meter/sec
km/h 10/36 kmh|kph|kmph|kilometer/hour
mph 44704/100000 mi/h|mile/hour
kn 1852/3600 knot|kt|kts
ft/s 3048/10000 fps|foot/second|feet/second
c 299792458 speed of light|lightspeed
time
s 1 sec|second
ms 1/1000 msec|millisecond
µs 1/1000000 us|μs|microsecond
ns 1/1000000000 nanosecond
min 60 minute
h 3600 hr|hour
day 86400 d
week 604800 wk
month 2629746 mo
year 31556952 yr|a
decade 315569520 decades
century 3155695200 centuries
data
B 1 byte
bit 1/8 b
kB 1000 KB|kilobyte
MB 1000000 megabyte
GB 1000000000 gigabyte
TB 1000000000000 terabyte
PB 1000000000000000 petabyte
KiB 1024 kibibyte
MiB 1048576 mebibyte
GiB 1073741824 gibibyte
TiB 1099511627776 tebibyte
kbit 125 kb|Kb|kilobit
Mbit 125000 Mb|megabit
Gbit 125000000 Gb|gigabit
energy
J 1 joule
kJ 1000 kilojoule
cal 4184/1000 calorie
kcal 4184 Cal|kilocalorie
Wh 3600 watt hour
kWh 3600000 kilowatt hour
eV 1602176634/10000000000000000000000000000 electronvolt
BTU 105505585262/100000000 british thermal unit
power
W 1 watt
kW 1000 kilowatt
MW 1000000 megawatt
hp 74569987158227022/100000000000000 horsepower
PS 73549875/100000 metric horsepower
pressure
Pa 1 pascal
hPa 100 hectopascal|mbar|millibar
kPa 1000 kilopascal
bar 100000 bars
atm 101325 atmosphere
psi 8896443230521/1290320000 pound/sq inch
mmHg 101325/760 torr
angle
deg 1 degree|degrees|°
rev 360 revolution|turn
gon 9/10 grad|gradian
`

// temperatures have an offset: value*factor + offset is in kelvin.
const temperatures = `K 1 0 kelvin
°C 1 27315/100 C|celsius|centigrade
°F 5/9 45967/180 F|fahrenheit
°R 5/9 0 R|rankine
`

// unitsByName returns every name and symbol, and, where that is none yet, its form in small letters; and the names of the quantities. The
// tables are read at the first call: programs that convert nothing do not wait for them.
var unitsByName = sync.OnceValues(readUnits)

func readUnits() (map[string]*unit, string) {
	names, quantities := map[string]*unit{}, []string{"temperature"}
	var all []*unit
	var lists [][]string
	for line := range strings.Lines(unitTable) {
		fields := strings.SplitN(strings.TrimSpace(line), " ", 3)
		if len(fields) < 3 {
			if fields[0] != "" {
				quantities = append(quantities, fields[0])
			}
			continue
		}
		all = append(all, &unit{strings.ReplaceAll(fields[0], "_", " "), quantities[len(quantities)-1], fraction(fields[1]), new(big.Rat)})
		lists = append(lists, append(strings.Split(fields[2], "|"), fields[0]))
	}
	for line := range strings.Lines(temperatures) {
		fields := strings.SplitN(strings.TrimSpace(line), " ", 4)
		all = append(all, &unit{fields[0], "temperature", fraction(fields[1]), fraction(fields[2])})
		lists = append(lists, append(strings.Split(fields[3], "|"), fields[0]))
	}
	for i, list := range lists {
		for _, name := range append(list, all[i].symbol) {
			names[name] = all[i]
		}
	}
	for i, list := range lists {
		for _, name := range list {
			if small := strings.ToLower(name); names[small] == nil {
				names[small] = all[i]
			}
		}
	}
	return names, strings.Join(quantities, ", ")
}

// fraction reads a factor of the table; what cannot be read would be a fault of the table, which a test reads whole.
func fraction(text string) *big.Rat {
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		panic("localtools: expected a fraction in the table of units, found " + text)
	}
	return r
}
