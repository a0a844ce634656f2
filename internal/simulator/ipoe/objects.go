package ipoe

import (
	"kaisen/internal/simulator/calendar"
	"kaisen/internal/simulator/wire"
)

// The objects of an IPoE order (IPoE API 3.4.0, definitions), field by field.

func placeRules() []wire.Rule {
	return []wire.Rule{
		{Name: "zipCode", Min: 7, Max: 7, Class: wire.IsDigits}, {Name: "prefectures", Max: 256}, {Name: "address", Max: 256},
		{Name: "companyName", Max: 256}, {Name: "departmentName", Max: 256}, {Name: "clientName", Max: 256},
		{Name: "tel", Min: 10, Max: 11, Class: wire.IsDigits},
	}
}

func destinationRules() []wire.Rule {
	return append(placeRules(), wire.Rule{Name: "hopeToAt", Min: 8, Max: 8, Known: calendar.IsDay})
}

func lanRules() []wire.Rule {
	return []wire.Rule{
		{Name: "lanNetworkAddress", Min: 9, Max: 18, Class: isPrefix}, {Name: "lanInterfaceAddress", Min: 7, Max: 15, Class: isNumbers},
	}
}

func dhcpRules() []wire.Rule {
	rules := []wire.Rule{{Name: "howToUse", Known: wire.OneOf("0", "1")}}
	for _, name := range []string{"startAddress", "endAddress", "dns1", "dns2"} {
		rules = append(rules, wire.Rule{Name: name, Min: 7, Max: 15, Class: isNumbers})
	}
	return rules
}

func ipipRules() []wire.Rule {
	return []wire.Rule{
		{Name: "cpeIpv4Address", Max: 18}, {Name: "cpeIpv6Address", Max: 39}, {Name: "password", Min: 8, Max: 8, Class: wire.IsAlnum},
		{Name: "tunnelIpv6Address", Max: 39}, {Name: "username", Min: 11, Max: 11, Class: wire.IsAlnum},
	}
}

func isNumbers(s string) bool { return wire.IsWord(s, ".") && !wire.HasLetter(s) }
func isPrefix(s string) bool  { return wire.IsWord(s, "./") && !wire.HasLetter(s) }

// objectFields are the fields of each object in the order in which they are written.
func objectFields() [][]wire.Rule {
	return [][]wire.Rule{destinationRules(), lanRules(), dhcpRules(), ipipRules()}
}

// readValues reads an object by its rules; nil where there is none.
func readValues(f *wire.Form, name string, mandatory bool, rules []wire.Rule) map[string]string {
	there := f.Has(name)
	object := f.Object(name, mandatory)
	if !there {
		return nil
	}
	values := map[string]string{}
	for _, r := range rules {
		if value := object.Text(r); value != "" {
			values[r.Name] = value
		}
	}
	return values
}

// writeObject writes an object's fields in the document's order, or null.
func writeObject(w *wire.Writer, key string, values map[string]string) {
	if values == nil {
		w.WriteNull(key)
		return
	}
	w.Open(key, '{')
	for _, fields := range objectFields() {
		for _, r := range fields {
			if value, ok := values[r.Name]; ok && r.Name != "howToUse" { // DhcpServerFunctionElementWithoutHowToUse
				w.Text(r.Name, value)
			}
		}
	}
	w.Close("}")
}
