package config

import (
	"fmt"
	"maps"
	"math"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"kaisen/collector"
	"kaisen/collector/carrier"
)

var sourceName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$`)

func (f *findings) checkSource(path string, kinds collector.Kinds, source *Source) {
	switch {
	case source.Name == "":
		f.add(path+".name", "missing", "give the account a short name; it becomes the label source")
	case !sourceName.MatchString(source.Name):
		f.add(path+".name", collector.Quote(source.Name)+" cannot be a label", "write letters, digits, dots, dashes and underscores, at most 63")
	}
	f.oneOf(path+".kind", source.Kind, kinds.Names()...)
	f.url(path+".base_url", source.BaseURL)
	f.url(path+".token_url", source.TokenURL)
	f.oneOf(path+".token_style", source.TokenStyle, carrier.StyleJSON, carrier.StyleForm)
	f.checkCredentials(path, source)
	f.checkLimit(path+".rate_limit", source.RateLimit)
	f.checkSchedule(path, kinds, source)
	f.checkJobs(path+".jobs", kinds, source)
	f.checkOwn(path, source)
}

func (f *findings) url(path, text string) {
	const advice = "write the address the carrier gave you, like https://api.ntt.com"
	parsed, err := url.Parse(text)
	switch {
	case text == "":
		f.add(path, "missing", advice)
	case strings.Contains(text, "@"): // shown nowhere: what is before it may be a password
		f.add(path, "holds a user or a password", "credentials belong in client_id and client_secret_file")
	case err != nil || parsed.Scheme != "http" && parsed.Scheme != "https" || !validHost(parsed.Host):
		f.add(path, collector.Quote(text)+" is not an absolute http or https URL", advice)
	case parsed.RawQuery != "" || parsed.Fragment != "":
		f.add(path, collector.Quote(text)+" has a query or a fragment", "write the address without what follows ? or #")
	}
}

func (f *findings) checkCredentials(path string, source *Source) {
	secretEnv := EnvName(path + ".client_secret")
	f.onlyOne(path+".client_id", source.ClientID, source.ClientIDFile, "write it, or client_id_file, or set "+EnvName(path+".client_id"))
	f.onlyOne(path+".client_secret", source.ClientSecret.Reveal(), source.ClientSecretFile, "write client_secret_file, or set "+secretEnv)
	if source.ClientSecret.Reveal() == hidden {
		f.add(path+".client_secret", hidden+" stands for a secret that was not shown", "write client_secret_file, or set "+secretEnv)
	}
}

// onlyOne checks a text that may be written inline or be in a file, but not both.
func (f *findings) onlyOne(path, inline, file, advice string) {
	switch {
	case inline == "" && file == "":
		f.add(path, "missing", advice)
	case inline != "" && file != "":
		f.add(path+"_file", "given beside "+path, "keep one of the two, the variable "+EnvName(path)+" included")
	case file != "":
		if _, err := readSecret(file); err != nil {
			f.add(path+"_file", err.Error(), "name a file that kaisen may read and that holds nothing else")
		}
	}
}

func (f *findings) checkLimit(path string, limit RateLimit) {
	if rate := limit.RequestsPerSecond; !(rate > 0) || math.IsInf(rate, 0) {
		f.add(path+".requests_per_second", fmt.Sprintf("%v is not a rate", rate), "write a number above 0; 0.2 is one request in 5 seconds")
	}
	if limit.Burst < 1 {
		f.add(path+".burst", fmt.Sprintf("%d would let nothing through", limit.Burst), "write at least 1")
	}
	if limit.MaxInFlight < 1 {
		f.add(path+".max_in_flight", fmt.Sprintf("%d would let nothing through", limit.MaxInFlight), "write at least 1")
	}
	if limit.DailyRequests < 0 {
		f.add(path+".daily_requests", fmt.Sprintf("%d is no number of requests", limit.DailyRequests), "write at least 1, or 0 for no limit of the day")
	}
}

// checkParts refuses a limit of the day of which a shard would get nothing, as nothing is no limit.
func (f *findings) checkParts(kinds collector.Kinds, cfg *Config) {
	_, count, err := cfg.Collector.Part()
	for i, source := range cfg.Sources {
		kind, _ := kinds.Find(source.Kind)
		if most := source.RateLimit.DailyRequests; err == nil && kind.HasLines && most > 0 && most < count {
			f.add(at("sources", i)+".rate_limit.daily_requests", fmt.Sprintf("%d is less than one for each of %d shards", most, count),
				fmt.Sprintf("write at least %d, or 0 for no limit of the day", count))
		}
	}
}

// checkContracts refuses a contract that two sources of a kind have: both would ask about its lines, and both would count them.
func (f *findings) checkContracts(cfg *Config) {
	type contract struct{ kind, id string }
	first := map[contract]int{}
	for i, source := range cfg.Sources {
		for j, id := range collector.ContractsOf(source.Settings) {
			other, taken := first[contract{source.Kind, id}]
			if taken && other != i {
				f.add(at(at("sources", i)+".contracts", j), id+" is a contract of "+at("sources", other)+" too, and its lines would be asked about and counted twice",
					"remove it from one of the two")
			}
			if !taken {
				first[contract{source.Kind, id}] = i
			}
		}
	}
}

func (f *findings) checkSchedule(path string, kinds collector.Kinds, source *Source) {
	f.oneOf(path+".schedule", source.Schedule, ScheduleAdaptive, ScheduleFixed)
	kind, known := kinds.Find(source.Kind)
	if known && !kind.Plans() {
		f.checkUnplanned(path, source)
		return
	}
	age, path := source.MaxAge, path+".max_age"
	switch {
	case age < 0:
		f.add(path, age.String()+" is negative", "write a duration, or 0 for four intervals of the job")
	case age > 0 && source.Schedule == ScheduleFixed:
		f.add(path, "given beside schedule: fixed, which asks all once an interval", "remove one of the two")
	case age > 0:
		for _, job := range kind.Jobs {
			if interval := source.Jobs[job.Name].Interval; job.Planned && age < interval {
				f.add(path, age.String()+" is less than the interval of job "+job.Name, "write at least "+interval.String()+", or 0 for four intervals")
			}
		}
	}
}

// checkUnplanned refuses what means nothing for a kind that has no job whose questions a plan orders.
func (f *findings) checkUnplanned(path string, source *Source) {
	problem := "kind " + source.Kind + " asks about nothing that crosses a threshold"
	if source.Schedule == ScheduleAdaptive {
		f.add(path+".schedule", problem, "remove it")
	}
	if source.MaxAge != 0 {
		f.add(path+".max_age", problem, "remove it")
	}
}

func (f *findings) checkJobs(path string, kinds collector.Kinds, source *Source) {
	kind, found := kinds.Find(source.Kind)
	known := kind.Jobs
	for _, name := range slices.Sorted(maps.Keys(source.Jobs)) {
		job, here := source.Jobs[name], join(path, name)
		index := slices.IndexFunc(known, func(known collector.JobDefault) bool { return known.Name == name })
		if index < 0 && found {
			f.add(here, "kind "+source.Kind+" has no such job", "its jobs are "+strings.Join(kind.JobNames(), ", "))
			continue
		}
		if job.Interval != 0 && job.Interval < Duration(time.Second) {
			f.add(here+".interval", job.Interval.String()+" is less than a second", "write at least 1s, or 0 to switch the job off")
		}
		if index >= 0 && (!(job.Share > 0) || math.IsInf(job.Share, 0)) {
			f.add(here+".share", fmt.Sprintf("%v is no weight", job.Share), "write a number above 0, like 1 for every job; interval: 0 switches a job off")
		}
		switch isLog := index < 0 || known[index].Lookback != 0; {
		case isLog && (job.Lookback < 0 || job.Lookback > maxLookback || job.Lookback == 0 && index >= 0):
			f.add(here+".lookback", job.Lookback.String()+" is out of range", "write more than 0 and at most 720h, which is all the carrier keeps")
		case !isLog && job.Lookback != 0:
			f.add(here+".lookback", "the job reads no log", "remove it")
		}
	}
}
