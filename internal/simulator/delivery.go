package simulator

// delivery reads where things are sent to (calls 12 and 14). The tables of the two calls disagree by a row on which
// lengths belong to building, company, department and person, and whether company and department are optional: the
// widest that either gives is taken, and the company must be there for call 12 alone. The tables want full width,
// which the examples do not keep to.

func (u *UnomAPI) delivery(f *form, company bool) {
	wide := isPlain
	if u.cfg.Style == StyleModern {
		wide = isWide
	}
	for _, r := range []rule{
		{name: "deliveryPostalCode", mandatory: true, min: 7, max: 9, class: isPostal},
		{name: "deliveryPref", mandatory: true, max: 4, class: wide},
		{name: "deliveryCity", mandatory: true, max: 24, class: wide},
		{name: "deliveryAddress1", mandatory: true, max: 36, class: wide},
		{name: "deliveryAddress2", max: 24, class: wide},
		{name: "deliveryAddress3", max: 40, class: wide},
		{name: "deliveryBuildingName", max: 40, class: wide},
		{name: "deliveryCompanyName", mandatory: company, max: 16, class: wide},
		{name: "deliveryDeptName", max: 10, class: wide},
		{name: "deliveryPersonName", max: 40, class: wide},
		{name: "deliveryPhoneNumber", max: 16, class: isHalf},
		{name: "notificationMailAddress", mandatory: true, max: 255, class: isPlain, known: isMail},
	} {
		f.text(r)
	}
	u.sent.Keep(f.text(rule{name: "notificationPassword", mandatory: true, max: 255, class: isPlain}))
}

// isPostal: seven digits, and for the nine of the table perhaps a hyphen.
func isPostal(s string) bool { return isWord(s, "-") && !hasLetter(s) }

func isMail(s string) bool {
	at := false
	for i, r := range s {
		at = at || r == '@' && i > 0 && i < len(s)-1
	}
	return at
}
