package probe_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"time"

	"kaisen/collector/unom/readings"
)

// standIn is a carrier that means the documents in a given way: a small one, for what a probe finds out. It is an
// http.RoundTripper, so that its clock may be virtual.
type standIn struct {
	readings map[string]string
	answer   func(w http.ResponseWriter, operation string) bool // answers in its place, and reports whether it did
	hang     func(operation string) bool

	mu    sync.Mutex
	asked []string // operations, in order
}

const contract = "N123456789"

var tokyo = time.FixedZone("Asia/Tokyo", 9*60*60)

const standInSecret = "s3cr3t-of-the-client"

// standInLine is line i: 0 and 1 roam, 2 is used up, 8 and 9 have a course without a volume, 10 to 13 share.
func standInLine(i int) string { return fmt.Sprintf("0901234%04d", i) }

const standInLines = 14

func (s *standIn) is(reading, value string) bool { return s.readings[reading] == value }

// RoundTrip implements http.RoundTripper.
func (s *standIn) RoundTrip(req *http.Request) (*http.Response, error) {
	operation := operationAt(req)
	s.mu.Lock()
	s.asked = append(s.asked, operation)
	s.mu.Unlock()
	if s.hang != nil && s.hang(operation) {
		<-req.Context().Done()
		return nil, req.Context().Err()
	}
	w := httptest.NewRecorder()
	w.Header().Set("Date", time.Now().UTC().Format(http.TimeFormat))
	w.Header().Set("Content-Type", "application/json")
	if s.answer == nil || !s.answer(w, operation) {
		s.serve(w, req, operation)
	}
	return w.Result(), nil
}

func operationAt(req *http.Request) string {
	path := strings.TrimPrefix(req.URL.Path, "/v2/unom/contracts/"+contract)
	switch {
	case req.Method != http.MethodGet && !strings.HasSuffix(req.URL.Path, "accesstokens"):
		return "change"
	case strings.HasSuffix(path, "accesstokens"):
		return "token"
	case strings.HasSuffix(path, "dataShare/traffic"):
		return "data_share_traffic"
	case path == "":
		return "contract"
	}
	return map[string]string{"lines": "lines", "traffic": "traffic", "authentications": "authentications", "sessions": "sessions",
		"products": "products", "orders": "orders", "dataShare": "data_share", "session": "session"}[path[strings.LastIndex(path, "/")+1:]]
}

func say(w http.ResponseWriter, status int, body any) {
	w.WriteHeader(status)
	if text, is := body.(string); is {
		_, _ = w.Write([]byte(text))
		return
	}
	_ = json.NewEncoder(w).Encode(body)
}

func refuse(w http.ResponseWriter, status int, message string) {
	say(w, status, map[string]any{"responseHeader": map[string]any{"errorCode": fmt.Sprint(status), "errorMessage": message}})
}

type object = map[string]any

func (s *standIn) serve(w http.ResponseWriter, req *http.Request, operation string) {
	parts := strings.Split(req.URL.Path, "/")
	switch operation {
	case "token":
		say(w, 200, object{"accessToken": "t0k3n-of-the-client", "expiresIn": "3599"})
	case "contract":
		say(w, 200, object{"contractId": contract, "contractCustomerName": "株式会社回線"})
	case "lines":
		var lines []object
		for i := range standInLines {
			plan := "T3001328"
			if i == 8 || i == 9 {
				plan = "T3001330"
			}
			lines = append(lines, object{"lineNo": standInLine(i), "planCode": plan, "accessCode": 2, "authenticationType": "NTTコム"})
		}
		say(w, 200, object{"contractId": contract, "linesList": lines})
	case "data_share":
		var lines []object
		for i := 10; i < standInLines; i++ {
			lines = append(lines, object{"lineNo": standInLine(i), "status": "02"})
		}
		say(w, 200, object{"contractId": contract, "linesList": lines})
	case "products":
		say(w, 200, object{"contractId": contract, "productInfoList": []object{
			{"productCode": "T3001328", "productName": "a", "courseType": "02"}, {"productCode": "T3001330", "productName": "b", "courseType": "01"}}})
	case "orders":
		s.list(w, "orderList", nil)
	case "sessions", "authentications":
		s.log(w, req, operation)
	case "traffic", "data_share_traffic":
		say(w, 200, s.figures(parts[6], operation == "data_share_traffic"))
	case "session":
		say(w, 200, object{"contractId": contract, "lineNo": parts[6], "sessionType": 0, "sessionStatus": 1, "resultCode": 0})
	default:
		refuse(w, 405, "not for a probe")
	}
}

// list answers a list, which may be empty.
func (s *standIn) list(w http.ResponseWriter, key string, rows []object) {
	if len(rows) > 0 {
		say(w, 200, object{"contractId": contract, key: rows})
		return
	}
	switch s.readings[readings.EmptyAnswer] {
	case readings.EmptyNull:
		say(w, 200, object{"contractId": contract, key: nil})
	case readings.EmptyMissing:
		say(w, 200, object{"contractId": contract})
	case readings.Empty204:
		say(w, 204, "")
	case readings.Empty400:
		refuse(w, 400, "Bad Request")
	case readings.Empty404:
		refuse(w, 404, "Not Found")
	default:
		say(w, 200, object{"contractId": contract, key: []object{}})
	}
}

// log answers a search: each line has a session of an hour every seven.
func (s *standIn) log(w http.ResponseWriter, req *http.Request, operation string) {
	parse := func(key string) time.Time {
		at, _ := time.ParseInLocation("20060102150405", req.URL.Query().Get(key), tokyo)
		return at
	}
	start, end, now := parse("startTime"), parse("endTime"), time.Now().In(tokyo)
	edge := now.AddDate(0, 0, -30)
	switch midnight := time.Date(edge.Year(), edge.Month(), edge.Day(), 0, 0, 0, 0, tokyo); s.readings[readings.LogReach] {
	case readings.LogReachCalendar:
		edge = midnight
	case readings.LogReachCalendarShort:
		edge = midnight.AddDate(0, 0, 1)
	}
	if start.Before(edge.Truncate(time.Second)) {
		refuse(w, 400, "Field Format Error: startTime")
		return
	}
	var rows []object
	add := func(line int, at time.Time, kind int, key, code string) {
		inside := !at.Before(start) && (at.Before(end) || s.is(readings.LogEnd, readings.LogEndInside) && at.Equal(end))
		if inside && at.Before(now) && len(rows) < 1000 {
			rows = append(rows, object{"lineNo": standInLine(line), "sessionType": kind, "sessionTime": at.Format("20060102150405"), key: code})
		}
	}
	for line := range standInLines {
		for n := 0; n < 110; n++ {
			begin := now.Truncate(24 * time.Hour).Add(time.Duration(line)*13*time.Minute + time.Duration(line)*7*time.Second - time.Duration(n)*7*time.Hour)
			stop, kind := begin.Add(time.Hour), 0
			if line < 2 {
				kind = 1
			}
			if operation == "authentications" {
				add(line, begin, kind, "authenticationResult", "01")
				continue
			}
			add(line, begin, kind, "eventType", "01")
			if stop.After(now) {
				continue
			}
			if s.is(readings.StopTime, readings.StopTimeStart) {
				stop = begin
			}
			add(line, stop, kind, "eventType", "02")
		}
	}
	key := map[string]string{"sessions": "searchList", "authentications": "resultList"}[operation]
	s.list(w, key, rows)
}

// figures are a line's, or its group's.
func (s *standIn) figures(lineNo string, group bool) object {
	i := slices.IndexFunc(make([]int, standInLines), func(int) bool { return false })
	for n := range standInLines {
		if standInLine(n) == lineNo {
			i = n
		}
	}
	of := i
	if group && !s.is(readings.ShareFigures, readings.ShareFiguresLine) {
		of = 99
	}
	answer := object{"contractId": contract, "lineNo": lineNo, "limitStatus1": "0", "limitStatus2": "0", "remainedDataVolume": "5000000000"}
	today := time.Now().In(tokyo).Day()
	sum := uint64(0)
	for d := range 31 {
		bytes := uint64(of+1)*1_234_567 + uint64(d)*98_765 + 13<<20
		if s.is(readings.FigureUnit, readings.FigureMebibyte) {
			bytes = bytes >> 20 << 20
		}
		if d < today {
			sum += bytes
		}
		key := fmt.Sprintf("traffic%ddaysAgo", d)
		switch d {
		case 0:
			key = "trafficToday"
		case 1:
			key = "traffic1dayAgo"
		}
		answer[key] = fmt.Sprint(bytes)
	}
	if i < 2 && s.is(readings.MonthFigure, readings.MonthWithoutRoaming) {
		sum -= sum / 4
	}
	answer["trafficThisMonth"], answer["traffic1monthAgo"], answer["traffic2monthsAgo"] = fmt.Sprint(sum), "700000001", fmt.Sprint(uint64(of)*3_000_001+7)
	if s.is(readings.FigureUnit, readings.FigureMebibyte) {
		answer["traffic1monthAgo"], answer["traffic2monthsAgo"] = fmt.Sprint(700<<20), fmt.Sprint((uint64(of)+7)<<20)
	}
	reading := s.readings[readings.RemainingNil]
	switch {
	case i == 2 && reading == readings.RemainingNoVolume:
		answer["remainedDataVolume"], answer["limitStatus2"] = "1048576", "1"
	case i == 2:
		answer["remainedDataVolume"], answer["limitStatus2"] = "0", "1"
	case (i == 8 || i == 9) && (reading == readings.RemainingNoVolume || reading == readings.RemainingBoth):
		answer["remainedDataVolume"] = "0"
	}
	return answer
}
