package simulator

// The objects of an IPoE order (IPoE API 3.4.0, definitions), field by field.

func placeRules() []rule {
	return []rule{
		{name: "zipCode", min: 7, max: 7, class: isDigits}, {name: "prefectures", max: 256}, {name: "address", max: 256},
		{name: "companyName", max: 256}, {name: "departmentName", max: 256}, {name: "clientName", max: 256},
		{name: "tel", min: 10, max: 11, class: isDigits},
	}
}

func destinationRules() []rule {
	return append(placeRules(), rule{name: "hopeToAt", min: 8, max: 8, known: isDay})
}

func lanRules() []rule {
	return []rule{
		{name: "lanNetworkAddress", min: 9, max: 18, class: isPrefix}, {name: "lanInterfaceAddress", min: 7, max: 15, class: isNumbers},
	}
}

func dhcpRules() []rule {
	rules := []rule{{name: "howToUse", known: oneOf("0", "1")}}
	for _, name := range []string{"startAddress", "endAddress", "dns1", "dns2"} {
		rules = append(rules, rule{name: name, min: 7, max: 15, class: isNumbers})
	}
	return rules
}

func ipipRules() []rule {
	return []rule{
		{name: "cpeIpv4Address", max: 18}, {name: "cpeIpv6Address", max: 39}, {name: "password", min: 8, max: 8, class: isAlnum},
		{name: "tunnelIpv6Address", max: 39}, {name: "username", min: 11, max: 11, class: isAlnum},
	}
}

func isNumbers(s string) bool { return isWord(s, ".") && !hasLetter(s) }
func isPrefix(s string) bool  { return isWord(s, "./") && !hasLetter(s) }

// objectFields are the fields of each object in the order in which they are written.
func objectFields() [][]rule {
	return [][]rule{destinationRules(), lanRules(), dhcpRules(), ipipRules()}
}

// readValues reads an object by its rules; nil where there is none.
func readValues(f *form, name string, mandatory bool, rules []rule) map[string]string {
	there := f.has(name)
	object := f.object(name, mandatory)
	if !there {
		return nil
	}
	values := map[string]string{}
	for _, r := range rules {
		if value := object.text(r); value != "" {
			values[r.name] = value
		}
	}
	return values
}

// writeObject writes an object's fields in the document's order, or null.
func writeObject(w *Writer, key string, values map[string]string) {
	if values == nil {
		w.WriteNull(key)
		return
	}
	w.Open(key, '{')
	for _, fields := range objectFields() {
		for _, r := range fields {
			if value, ok := values[r.name]; ok && r.name != "howToUse" { // DhcpServerFunctionElementWithoutHowToUse
				w.Text(r.name, value)
			}
		}
	}
	w.Close("}")
}
