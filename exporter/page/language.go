package page

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"

	"golang.org/x/text/language"
)

//go:embed words.json
var catalogue []byte

// languages are those that the catalogue has, the first for readers who ask for none of them.
func languages() []language.Tag { return []language.Tag{language.English, language.Japanese} }

// languageCookie keeps the language that a reader chose.
const languageCookie = "kaisen_language"

// choose is which of the languages a request gets: the one it names, else the one that was chosen before, else the one that the
// browser prefers. Named is that of the first.
func (p *Pages) choose(r *http.Request) (chosen int, named string) {
	of := func(name string) int {
		return slices.IndexFunc(p.tags, func(tag language.Tag) bool { return tag.String() == name })
	}
	name := r.URL.Query().Get("lang")
	if at := of(name); at >= 0 {
		return at, name
	}
	if kept, err := r.Cookie(languageCookie); err == nil {
		if at := of(kept.Value); at >= 0 {
			return at, ""
		}
	}
	_, chosen = language.MatchStrings(p.matcher, r.Header.Get("Accept-Language"))
	return chosen, ""
}

// words are all texts of one language, by their name in words.json.
type words struct {
	tag   language.Tag
	texts map[string]string
}

// readWords reads the catalogue, which has the languages of a text side by side.
func readWords() ([]words, error) {
	var texts map[string]map[string]string
	if err := json.Unmarshal(catalogue, &texts); err != nil {
		return nil, fmt.Errorf("words.json: %w", err)
	}
	all := make([]words, len(languages()))
	for i, tag := range languages() {
		all[i] = words{tag: tag, texts: make(map[string]string, len(texts))}
		for name, in := range texts {
			text, has := in[tag.String()]
			if !has {
				return nil, fmt.Errorf("words.json: %s has no text in %s", name, tag)
			}
			all[i].texts[name] = text
		}
	}
	return all, nil
}

// say is a text with its gaps filled in. A name that is not in the catalogue shows as itself, which a test would see.
func (w words) say(name string, gaps ...any) string {
	text, has := w.texts[name]
	if !has {
		return name
	}
	if len(gaps) == 0 {
		return text
	}
	return fmt.Sprintf(text, gaps...)
}

// sayIfAny is says, and nothing of none.
func (w words) sayIfAny(name string, n int) string {
	if n == 0 {
		return ""
	}
	return w.says(name, n)
}

// says is say of a number of things: name.one is the text for one of them.
func (w words) says(name string, n int) string {
	if n == 1 {
		return w.say(name+".one", count(n))
	}
	return w.say(name, count(n))
}
