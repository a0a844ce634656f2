package api

import "kaisen/collector/carrier/lenient"

// Detail is everything about one order of one line (Service Order API, Check Service Order Detailed Information, Response
// Parameters). The document calls every field a mandatory text, gives neither lengths nor codes, and means dates by
// Ymd; what was not given is "". The names of its columns stand beside the fields.
type Detail struct {
	WebEntryID                        string       `json:"webEntryId,omitzero"`                        // WEB Entry ID
	ChangeRelationNum                 string       `json:"changeRelationNum,omitzero"`                 // WEB Entry sub ID
	MainBackIdentifier                string       `json:"mainBackIdentifier,omitzero"`                // main or backup line
	OrderNum                          string       `json:"orderNum,omitzero"`                          // order number
	ContractVpnNum                    string       `json:"contractVpnNum,omitzero"`                    // VPN Group number
	ContractLineNumAppl               string       `json:"contractLineNumAppl,omitzero"`               // contract line number (Application)
	ContractLineNumDistribut          string       `json:"contractLineNumDistribut,omitzero"`          // contract line number (Distribution)
	DarkID                            string       `json:"darkId,omitzero"`                            // dark fiber ID
	QuotationGroupID                  string       `json:"quotationGroupId,omitzero"`                  // quotation group ID
	ApplYmd                           lenient.Date `json:"applYmd,omitzero"`                           // application date
	ItemName                          string       `json:"itemName,omitzero"`                          // project name
	ContractorName                    string       `json:"contractorName,omitzero"`                    // customer name
	OfficeName                        string       `json:"officeName,omitzero"`                        // customer office name
	Kind                              string       `json:"kind,omitzero"`                              // order type
	ProductName                       string       `json:"productName,omitzero"`                       // product name
	ServiceName                       string       `json:"serviceName,omitzero"`                       // service name
	AccsLineTypeMain                  string       `json:"accsLineTypeMain,omitzero"`                  // main access line type
	LineSpeed                         string       `json:"lineSpeed,omitzero"`                         // line speed
	PutPlaceZipNum                    string       `json:"putPlaceZipNum,omitzero"`                    // postal code
	PutPlaceAddPrefectures            string       `json:"putPlaceAddPrefectures,omitzero"`            // prefecture
	PutPlaceAdd                       string       `json:"putPlaceAdd,omitzero"`                       // city and address1
	PutPlaceBuildingName              string       `json:"putPlaceBuildingName,omitzero"`              // address2
	PutPlaceFloor                     string       `json:"putPlaceFloor,omitzero"`                     // floor
	PutPlaceTel                       string       `json:"putPlaceTel,omitzero"`                       // phone number
	SaleChannelCode                   string       `json:"saleChannelCode,omitzero"`                   // sales channel code
	CustomerDepartmentName            string       `json:"customerDepartmentName,omitzero"`            // customer service department name
	SupportRequestStatus              string       `json:"supportRequestStatus,omitzero"`              // application status
	SupportRequestActionYmd           lenient.Date `json:"supportRequestActionYmd,omitzero"`           // application date
	AccsConstPresence                 string       `json:"accsConstPresence,omitzero"`                 // access line installation flag
	UniversalOneTerminal              string       `json:"universalOneTerminal,omitzero"`              // Universal One Terminal
	TermConstDiv                      string       `json:"termConstDiv,omitzero"`                      // terminal installation type
	HoldoutScheduleYmd                lenient.Date `json:"holdoutScheduleYmd,omitzero"`                // desired date of service
	ReceptYmd                         lenient.Date `json:"receptYmd,omitzero"`                         // application date (First)
	ChangeRelationReceptYmd           lenient.Date `json:"changeRelationReceptYmd,omitzero"`           // application date (Change)
	FieldResearchStatus               string       `json:"fieldResearchStatus,omitzero"`               // site survey status
	AreaFieldResearchScheduleYmd      lenient.Date `json:"areaFieldResearchScheduleYmd,omitzero"`      // preferred date of site survey for access line
	AreaFieldResearchTimeZone         string       `json:"areaFieldResearchTimeZone,omitzero"`         // preferred time slot of site survey for access line
	AreaFieldResearchScheduleTimeZone string       `json:"areaFieldResearchScheduleTimeZone,omitzero"` // scheduled time slot of site survey for access line
	AreaFieldResearchWorker           string       `json:"areaFieldResearchWorker,omitzero"`           // operator of site survey for access line
	AreaFieldResearchObserver         string       `json:"areaFieldResearchObserver,omitzero"`         // witness of site survey for access line
	AreaFieldResearchActionYmd        lenient.Date `json:"areaFieldResearchActionYmd,omitzero"`        // implementation date of site survey for access line
	ComFieldResearchTimeZone          string       `json:"comFieldResearchTimeZone,omitzero"`          // preferred time slot of site survey by NTT Communications
	ComFieldResearchExpectedDay       lenient.Date `json:"comFieldResearchExpectedDay,omitzero"`       // scheduled date of site survey by NTT Communications
	ComFieldResearchExpectedTimeZone  string       `json:"comFieldResearchExpectedTimeZone,omitzero"`  // scheduled time slot of site survey by NTT Communications
	ComFieldResearchWorker            string       `json:"comFieldResearchWorker,omitzero"`            // operator of site survey by NTT Communications
	ComFieldResearchObserver          string       `json:"comFieldResearchObserver,omitzero"`          // witness of site survey by NTT Communications
	ComFieldResearchActionYmd         lenient.Date `json:"comFieldResearchActionYmd,omitzero"`         // implementation date of site survey by NTT Communications
	AncillaryConstPresence            string       `json:"ancillaryConstPresence,omitzero"`            // appurtenant installation flag
	ContinuityConstTrialStatus        string       `json:"continuityConstTrialStatus,omitzero"`        // connection test status
	DfConstHopeYmd                    lenient.Date `json:"dfConstHopeYmd,omitzero"`                    // preferred date for connection installation
	ContinuityConstScheduleYmd        lenient.Date `json:"continuityConstScheduleYmd,omitzero"`        // scheduled date for connection installation
	ContinuityConstScheduleTimeZone   string       `json:"continuityConstScheduleTimeZone,omitzero"`   // scheduled time slot for connection installation
	ContinuityConstWorker             string       `json:"continuityConstWorker,omitzero"`             // operator for connection installation
	ContinuityConstObserver           string       `json:"continuityConstObserver,omitzero"`           // witness for connection installation
	ContinuityConstActionYmd          lenient.Date `json:"continuityConstActionYmd,omitzero"`          // implementation date of connection installation
	HomeConstStatus                   string       `json:"homeConstStatus,omitzero"`                   // access line installation status
	AccsLineScheduleYmd               lenient.Date `json:"accsLineScheduleYmd,omitzero"`               // preferred date for access line installation
	HomeConstTimeZone                 string       `json:"homeConstTimeZone,omitzero"`                 // preferred time slot for access line installation
	AccsLineScheduleTimeZone          string       `json:"accsLineScheduleTimeZone,omitzero"`          // scheduled time slot for access line installation
	HomeConstWorker                   string       `json:"homeConstWorker,omitzero"`                   // operator for access line installation
	HomeConstObserver                 string       `json:"homeConstObserver,omitzero"`                 // witness for access line installation
	AccsLineActionYmd                 lenient.Date `json:"accsLineActionYmd,omitzero"`                 // implementation date for access line installation
	TermConstStatus                   string       `json:"termConstStatus,omitzero"`                   // Customer Edge router status
	TermConstScheduleYmd              lenient.Date `json:"termConstScheduleYmd,omitzero"`              // preferred date of customer Edge router installation
	TermConstHopeTimeZone             string       `json:"termConstHopeTimeZone,omitzero"`             // preferred time slot of customer Edge router installation
	TermConstScheduleTimeZone         string       `json:"termConstScheduleTimeZone,omitzero"`         // scheduled time slot of customer Edge router installation
	TermConstWorker                   string       `json:"termConstWorker,omitzero"`                   // operator for customer Edge router installation
	TermConstObserver                 string       `json:"termConstObserver,omitzero"`                 // witness for customer Edge router installation
	TermConstActionYmd                lenient.Date `json:"termConstActionYmd,omitzero"`                // implementation date of customer Edge router installation
	WithdrawKbn                       string       `json:"withdrawKbn,omitzero"`                       // withdraw flag
}
