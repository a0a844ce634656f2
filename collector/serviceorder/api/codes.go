package api

// ServiceName is a service that orders can be asked for (Service Order API, Check Service Order Status, #1).
type ServiceName string

const (
	ServiceUNO         ServiceName = "uno" // Arcstar Universal One
	ServiceUCaaS       ServiceName = "ucaas"
	ServiceSIPTrunking ServiceName = "sip-trunking"
	ServiceMSS         ServiceName = "mss"
	Service050PlusBiz  ServiceName = "050plusbiz"
	ServiceIPVoice     ServiceName = "ip-voice"
	ServiceSmartPBX    ServiceName = "smart-pbx"
	ServiceACCS        ServiceName = "accs"
	ServiceBDPE        ServiceName = "bdp-e"
)

// ServiceNames lists them all, in the document's order.
func ServiceNames() []string {
	var names []string
	for _, name := range []ServiceName{
		ServiceUNO, ServiceUCaaS, ServiceSIPTrunking, ServiceMSS, Service050PlusBiz, ServiceIPVoice, ServiceSmartPBX,
		ServiceACCS, ServiceBDPE,
	} {
		names = append(names, string(name))
	}
	return names
}

// OrderType is what an order does, as the carrier writes it; "" was not given. The codes are those of Universal One in
// Japan, BDP-E, MSS, SIP Trunking and UCaaS; of other services the document says nothing.
type OrderType string

const (
	OrderNew         OrderType = "1"
	OrderChange      OrderType = "2"
	OrderCancel      OrderType = "3"
	OrderOtherChange OrderType = "4" // Change, too; SIP Trunking and UCaaS only
)

// Meaning is the code in words; "" for one that the document does not list.
func (t OrderType) Meaning() string {
	switch t {
	case OrderNew:
		return "new"
	case OrderChange, OrderOtherChange:
		return "change"
	case OrderCancel:
		return "cancel"
	}
	return ""
}

// OrderStatus is how far an order has come, as the carrier writes it; what it means depends on the service.
type OrderStatus string

const (
	UNOReceived          OrderStatus = "1" // Received
	UNOInvestigated      OrderStatus = "2" // Investigated: the site was surveyed
	UNOAccessConstructed OrderStatus = "3" // Access Line Constracted (the document's spelling)
	UNODeviceConstructed OrderStatus = "4" // Device Constracted
	UNOComplete          OrderStatus = "5" // Complete

	BDPEInProgress OrderStatus = "1" // In Progress
	BDPEComplete   OrderStatus = "2" // Complete

	MSSInProgress OrderStatus = "1" // In Progress
	MSSComplete   OrderStatus = ""  // "No Status"

	VoiceInProgress OrderStatus = "1" // In Progress; SIP Trunking and UCaaS
)

// Meaning is the status in words for the service that was asked for; "" where the document says nothing. Universal
// One outside of Japan has codes that the document calls TBD, and nothing in an answer distinguishes it.
func (s OrderStatus) Meaning(service ServiceName) string {
	switch service {
	case ServiceUNO:
		switch s {
		case UNOReceived:
			return "received"
		case UNOInvestigated:
			return "investigated"
		case UNOAccessConstructed:
			return "access line constructed"
		case UNODeviceConstructed:
			return "device constructed"
		case UNOComplete:
			return "complete"
		}
	case ServiceBDPE, ServiceMSS, ServiceSIPTrunking, ServiceUCaaS:
		switch {
		case s == "1":
			return "in progress"
		case service == ServiceBDPE && s == BDPEComplete, service == ServiceMSS && s == MSSComplete:
			return "complete"
		}
	}
	return ""
}
