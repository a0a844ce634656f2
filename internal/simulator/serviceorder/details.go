package serviceorder

import (
	"fmt"
	"slices"

	"kaisen/internal/simulator/calendar"
)

// details is every field of Check Service Order Detailed Information, in the order of its table; an empty value is
// NULL. Nobody in it is real.
func (o order) details(today int) [][2]string {
	return slices.Concat(o.names(), o.place(), o.application(today), o.survey(today), o.connection(today), o.construction(today))
}

// names are what is ordered, and for whom.
func (o order) names() [][2]string {
	return [][2]string{
		{"webEntryId", o.webEntryID()},
		{"changeRelationNum", ""},
		{"mainBackIdentifier", [...]string{"メイン", "バックアップ"}[o.seed>>12%2]},
		{"orderNum", o.requestNum()},
		{"contractVpnNum", o.vpnNumber()},
		{"contractLineNumAppl", o.contractID()},
		{"contractLineNumDistribut", o.contractID()},
		{"darkId", fmt.Sprintf("DF%07d", o.n)},
		{"quotationGroupId", ""},
		{"applYmd", calendar.Digits(o.received)},
		{"itemName", fmt.Sprintf("拠点展開 第%d期", 1+o.n%3)},
		{"contractorName", "模擬商事株式会社"},
		{"officeName", fmt.Sprintf("第%d営業所", o.n)},
		{"kind", [...]string{"新設", "変更", "廃止", "変更"}[o.kind-1]},
		{"productName", "Universal One"},
		{"serviceName", o.serviceName()},
		{"accsLineTypeMain", "NTT Com光アクセス"},
		{"lineSpeed", [...]string{"100M", "1G"}[o.seed>>14%2]},
	}
}

func (o order) place() [][2]string {
	return [][2]string{
		{"putPlaceZipNum", "1000011"},
		{"putPlaceAddPrefectures", "東京都"},
		{"putPlaceAdd", "千代田区内幸町1-1-6"},
		{"putPlaceBuildingName", "日比谷ビル"},
		{"putPlaceFloor", fmt.Sprintf("%dF", 1+o.n%20)},
		{"putPlaceTel", "03-0000-0000"},
		{"saleChannelCode", "A01"},
		{"customerDepartmentName", "情報システム部"},
	}
}

func (o order) application(today int) [][2]string {
	return [][2]string{
		{"supportRequestStatus", o.mark(today, 0)},
		{"supportRequestActionYmd", o.since(today, 0)},
		{"accsConstPresence", "有"},
		{"universalOneTerminal", "レンタル"},
		{"termConstDiv", "派遣"},
		{"holdoutScheduleYmd", o.offerPlanned()},
		{"receptYmd", calendar.Digits(o.received)},
		{"changeRelationReceptYmd", ""},
	}
}

func (o order) survey(today int) [][2]string {
	return [][2]string{
		{"fieldResearchStatus", o.mark(today, 0)},
		{"areaFieldResearchScheduleYmd", calendar.Digits(o.stages[0])},
		{"areaFieldResearchTimeZone", "午前"},
		{"areaFieldResearchScheduleTimeZone", "午前"},
		{"areaFieldResearchWorker", "地域会社"},
		{"areaFieldResearchObserver", "立会 担当"},
		{"areaFieldResearchActionYmd", o.since(today, 0)},
		{"comFieldResearchTimeZone", "午後"},
		{"comFieldResearchExpectedDay", calendar.Digits(o.stages[0])},
		{"comFieldResearchExpectedTimeZone", "午後"},
		{"comFieldResearchWorker", "当社"},
		{"comFieldResearchObserver", "立会 担当"},
		{"comFieldResearchActionYmd", o.since(today, 0)},
		{"ancillaryConstPresence", "無"},
	}
}

func (o order) connection(today int) [][2]string {
	return [][2]string{
		{"continuityConstTrialStatus", o.mark(today, 3)},
		{"dfConstHopeYmd", calendar.Digits(o.stages[1])},
		{"continuityConstScheduleYmd", calendar.Digits(o.stages[3])},
		{"continuityConstScheduleTimeZone", "午後"},
		{"continuityConstWorker", "当社"},
		{"continuityConstObserver", "立会 担当"},
		{"continuityConstActionYmd", o.since(today, 3)},
	}
}

func (o order) construction(today int) [][2]string {
	return [][2]string{
		{"homeConstStatus", o.mark(today, 1)},
		{"accsLineScheduleYmd", calendar.Digits(o.stages[1])},
		{"homeConstTimeZone", "午前"},
		{"accsLineScheduleTimeZone", "午前"},
		{"homeConstWorker", "地域会社"},
		{"homeConstObserver", "立会 担当"},
		{"accsLineActionYmd", o.since(today, 1)},
		{"termConstStatus", o.mark(today, 2)},
		{"termConstScheduleYmd", calendar.Digits(o.stages[2])},
		{"termConstHopeTimeZone", "午前"},
		{"termConstScheduleTimeZone", "午前"},
		{"termConstWorker", "当社"},
		{"termConstObserver", "立会 担当"},
		{"termConstActionYmd", o.since(today, 2)},
		{"withdrawKbn", "0"},
	}
}

// mark reports whether a stage is behind the order.
func (o order) mark(today, stage int) string {
	if o.stages[stage] <= today {
		return "完了"
	}
	return "未実施"
}

// since is the day on which a stage was completed; empty before it.
func (o order) since(today, stage int) string {
	if o.stages[stage] <= today {
		return calendar.Digits(o.stages[stage])
	}
	return ""
}
