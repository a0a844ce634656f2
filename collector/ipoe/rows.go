package ipoe

import (
	"cmp"
	"reflect"

	"kaisen/collector"
	"kaisen/collector/carrier/lenient"
	"kaisen/collector/ipoe/api"
	"kaisen/schema"
)

// overlay lays what the list said over what the details said alike: text for text and day for day, where the
// list said any, or that there is none.
func overlay[R any](row, list *R, nulls lenient.Nulls) {
	into, from := reflect.ValueOf(row).Elem(), reflect.ValueOf(list).Elem()
	for i := range from.NumField() {
		if !from.Field(i).IsZero() || nulls != "" && nulls.Has(nameOf(from.Type().Field(i).Name)) {
			into.Field(i).Set(from.Field(i))
		}
	}
}

// nameOf is what the carrier calls a field of a brief, but for case.
func nameOf(field string) string {
	switch field {
	case "StatusCode":
		return "status"
	case "Type", "TypeCode":
		return "orderType"
	}
	return field
}

// siteBrief is a site of the list. Its access key goes nowhere.
func siteBrief(told *api.Site) schema.IPoESiteBrief {
	return schema.IPoESiteBrief{
		CustomerSiteCode: told.CustomerSiteCode, CustomerSiteName: told.CustomerSiteName, CustomerCode: told.CustomerCode,
		CustomerType: string(told.CustomerType), CustomerName: told.CustomerName,
		StatusCode: string(told.Status), Status: siteStatus(told.Status), StartAt: told.StartAt.Day(), EndAt: told.EndAt.Day(),
		CaseName: told.CaseName, LineBundleType: string(told.LineBundleType), LineType: told.LineType, LineID: told.LineID,
		TerminalBundleType: string(told.TerminalBundleType), GlobalIP: told.GlobalIP,
		PPOneGwNodename: told.PPOneGwNodename, PPTwoGwNodename: told.PPTwoGwNodename, VRF: told.VRF, TunnelIF: told.TunnelIF,
	}
}

// siteStatus is a status in the words of the tables; "" where there is none.
func siteStatus(code api.SiteStatus) schema.SiteStatus {
	switch code {
	case "":
		return ""
	case api.SiteInUse:
		return schema.SiteInUse
	case api.SiteEnded:
		return schema.SiteEnded
	}
	return schema.SiteUnknown
}

// siteDetailRow is a site's details as a row. Pre-shared keys and passwords go nowhere.
func siteDetailRow(told *api.SiteDetail) schema.IPoESite {
	row := schema.IPoESite{IPoESiteBrief: siteBrief(&told.Site)}
	row.CustomerSiteNumber, row.CPEModelName, row.EastOrWest = told.CustomerSiteNumber, told.CPEModelName, told.EastOrWest
	row.TerminalHostname, row.TerminalDomain, row.LANLoopback = told.TerminalHostname, told.TerminalDomain, told.LANLoopback
	row.PPOneGwHostname, row.PPOneGwFQDN, row.PPOneGwTEP, row.PPOneGwBGP = told.PPOneGwHostname, told.PPOneGwFQDN, told.PPOneGwTEP, told.PPOneGwBGP
	row.PPTwoGwHostname, row.PPTwoGwFQDN, row.PPTwoGwTEP, row.PPTwoGwBGP = told.PPTwoGwHostname, told.PPTwoGwFQDN, told.PPTwoGwTEP, told.PPTwoGwBGP
	for _, contract := range told.Contracts {
		row.ContractCodes = append(row.ContractCodes, contract.ProductCode)
		row.ContractNames = append(row.ContractNames, contract.ProductName)
		row.ContractTypes = append(row.ContractTypes, string(contract.ProductType))
		row.ContractStarts = append(row.ContractStarts, contract.StartAt.Day())
		row.ContractEnds = append(row.ContractEnds, contract.EndAt.Day())
	}
	row.InstallationLocation = placeRow(told.InstallationLocation)
	row.LAN, row.DHCP, row.IPIP = lanRow(told.LANAddress), dhcpRow(told.DHCPServerFunction), ipipRow(told.IPIPParam)
	return row
}

// orderBrief is an order of the list.
func orderBrief(told *api.Order) schema.IPoEOrderBrief {
	return schema.IPoEOrderBrief{
		OrderCode: told.OrderCode, TypeCode: string(told.OrderType), Type: ipoeOrderType(told.OrderType),
		ChangeType: string(told.ChangeType), CustomerSiteCode: told.CustomerSiteCode, CustomerSiteName: told.CustomerSiteName,
		StatusCode: string(told.Status), Status: ipoeOrderStatus(told.Status), ApplicationDate: told.ApplicationDate.Day(),
		HopeToStartAt: told.HopeToStartAt.Day(), HopeToEndAt: told.HopeToEndAt.Day(),
	}
}

// ipoeOrderStatus is a status in the words of the tables; "" where there is none.
func ipoeOrderStatus(code api.OrderStatus) schema.IPoEOrderStatus {
	switch code {
	case "":
		return ""
	case api.OrderInProgress:
		return schema.IPoEOrderInProgress
	case api.OrderDone:
		return schema.IPoEOrderCompleted
	case api.OrderFailed:
		return schema.IPoEOrderError
	case api.OrderCancelled:
		return schema.IPoEOrderCancelled
	case api.OrderPartlyFailed:
		return schema.IPoEOrderPartlyError
	}
	return schema.IPoEOrderUnknown
}

// ipoeOrderType is a type in the words of the tables; "" where there is none.
func ipoeOrderType(code api.OrderType) schema.OrderType {
	if code == "" {
		return ""
	}
	return collector.OrderType(code.Meaning())
}

// ipoeOrderDetailRow is an order's details as a row. Its access key and its password go nowhere.
func ipoeOrderDetailRow(told *api.OrderDetail) schema.IPoEOrder {
	row := schema.IPoEOrder{IPoEOrderBrief: orderBrief(&told.Order)}
	row.CustomerCode, row.OverwriteCheckFlag, row.CaseName = told.CustomerCode, string(told.OverwriteCheckFlag), told.CaseName
	row.LineBundleType, row.LineType, row.LineID = string(told.LineBundleType), told.LineType, told.LineID
	row.TerminalBundleType, row.GlobalIP = string(told.TerminalBundleType), told.GlobalIP
	for _, contract := range told.Contracts {
		row.ContractCodes = append(row.ContractCodes, contract.ProductCode)
		row.ContractNames = append(row.ContractNames, contract.ProductName)
		row.ContractTypes = append(row.ContractTypes, string(contract.ProductType))
		row.ContractStatuses = append(row.ContractStatuses, string(cmp.Or(ipoeOrderStatus(contract.Status), schema.IPoEOrderUnknown)))
		row.ContractErrors = append(row.ContractErrors, contract.ErrorMessage)
	}
	row.InstallationLocation = placeRow(told.InstallationLocation)
	if to := told.TerminalDestination; to != nil {
		row.Destination = schema.IPoEDestination{IPoEPlace: placeRow(&to.Location), HopeToAt: to.HopeToAt.Day()}
	}
	row.LAN, row.DHCP, row.IPIP = lanRow(told.LANAddress), dhcpRow(told.DHCPServerFunction), ipipRow(told.IPIPParam)
	return row
}

func placeRow(told *api.Location) schema.IPoEPlace {
	if told == nil {
		return schema.IPoEPlace{}
	}
	return schema.IPoEPlace{ZipCode: told.ZipCode, Prefectures: told.Prefectures, Address: told.Address, CompanyName: told.CompanyName,
		DepartmentName: told.DepartmentName, ClientName: told.ClientName, Tel: told.Tel}
}

func lanRow(told *api.LANPrefix) schema.IPoELAN {
	if told == nil {
		return schema.IPoELAN{}
	}
	return schema.IPoELAN{NetworkAddress: told.LANNetworkAddress, InterfaceAddress: told.LANInterfaceAddress}
}

func dhcpRow(told *api.DHCPRange) schema.IPoEDHCP {
	if told == nil {
		return schema.IPoEDHCP{}
	}
	return schema.IPoEDHCP{StartAddress: told.StartAddress, EndAddress: told.EndAddress, DNS1: told.DNS1, DNS2: told.DNS2}
}

func ipipRow(told *api.IPIPParam) schema.IPoEIPIP {
	if told == nil {
		return schema.IPoEIPIP{}
	}
	return schema.IPoEIPIP{CPEIPv4Address: told.CPEIPv4Address, CPEIPv6Address: told.CPEIPv6Address,
		TunnelIPv6Address: told.TunnelIPv6Address, Username: told.Username}
}
