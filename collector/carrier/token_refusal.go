package carrier

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// explainRefusal makes a refusal say what is wrong where and what to do, without the secret: a gateway may repeat what
// it was sent, in any encoding, so the answer itself is dropped, and of its words only plain ones are repeated.
func explainRefusal(failure *Error, source string, by Credentials) *Error {
	failure = WithoutEcho(failure, by.ClientSecret)
	said := ""
	if failure.Message != "" {
		said = " (" + failure.Message + ")"
	}
	switch {
	case failure.Status == http.StatusBadRequest || failure.Kind == KindUnauthorised || failure.Kind == KindNotAllowed:
		failure.Kind, failure.Reason = KindUnauthorised, ReasonToken
		failure.Message = fmt.Sprintf("%s does not accept the client of source %s%s: check client_id and client_secret",
			by.TokenURL, source, said)
	case failure.Status == http.StatusNotFound:
		failure.Kind, failure.Reason = KindNotFound, ReasonNoSuchURL
		failure.Message = fmt.Sprintf("nothing at %s%s: check token_url of source %s", by.TokenURL, said, source)
	}
	return failure
}

// WithoutEcho is the failure of a call that sent a secret without anything that could be the secret again.
func WithoutEcho(failure *Error, secret string) *Error {
	plain := *failure
	plain.Payload, plain.Field, plain.RequestID, plain.Code = nil, "", "", plainCode(failure.Code, secret)
	if failure.Kind == KindNetwork && !isOurOwn(failure.Err) {
		plain.Err = errors.New("the answer is no HTTP") // net/http quotes it
	}
	if failure.Status >= 400 || failure.Kind == KindMalformed {
		plain.Message = plainWords(failure.Message, secret)
	}
	return &plain
}

// isOurOwn reports whether an error is of a kind whose text never quotes an answer.
func isOurOwn(err error) bool {
	var (
		broken    *net.OpError
		name      *net.DNSError
		handshake *tls.CertificateVerificationError
		record    tls.RecordHeaderError
		alert     tls.AlertError
		proxy     proxyRefusal
		timeout   interface{ Timeout() bool }
	)
	return err == nil || errors.As(err, &proxy) || errors.As(err, &broken) || errors.As(err, &name) || errors.As(err, &handshake) ||
		errors.As(err, &record) || errors.As(err, &alert) || errors.As(err, &timeout) && timeout.Timeout() ||
		errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || isTooLarge(err) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

var (
	// shortNumber is a code that is too short for a secret, whose least length is eight.
	shortNumber = regexp.MustCompile(`^[0-9]{1,7}$`)
	// sentenceEnd is where one sentence of a message ends and another begins.
	sentenceEnd = regexp.MustCompile(`[.;:!?]\s+|\n+`)
)

// plainCode is a code of an answer that cannot hold the secret.
func plainCode(code, secret string) string {
	if holds(code, secret) || !shortNumber.MatchString(code) && !isPlain(code) {
		return ""
	}
	return code
}

// plainWords are those sentences of a message that are made of nothing but words of refusals. Whatever else a gateway
// says may be the secret, however it is written: escaped, encoded, turned round.
func plainWords(message, secret string) string {
	var kept []string
	message = unpacked(message)
	for begin := 0; begin < len(message); {
		end := len(message)
		if at := sentenceEnd.FindStringIndex(message[begin:]); at != nil {
			end = begin + at[1]
		}
		if sentence := message[begin:end]; !holds(sentence, secret) &&
			!slices.ContainsFunc(strings.Fields(sentence), func(word string) bool { return !isPlain(word) }) {
			kept = append(kept, strings.TrimSpace(sentence))
		}
		begin = end
	}
	return strings.Join(kept, " ")
}

// unpacked is a message that is an error's JSON itself, as the gateway's of a token (IPoE API 3.4.0), as a sentence: cut at the
// ends of sentences, JSON is torn.
func unpacked(message string) string {
	var inner struct{ ErrorCode, Error string }
	if json.Unmarshal([]byte(message), &inner) != nil || inner.ErrorCode == "" && inner.Error == "" {
		return message
	}
	return strings.TrimPrefix(inner.ErrorCode+": "+inner.Error, ": ")
}

// holds reports whether a text has the secret in it, or what is left of it without its signs.
func holds(text, secret string) bool {
	bare := Squeeze(secret)
	return secret != "" && strings.Contains(text, secret) || bare != "" && strings.Contains(Squeeze(text), bare)
}

// isPlain reports whether a word, without its punctuation, is one that refusals are made of.
func isPlain(word string) bool {
	word = strings.ToLower(strings.Trim(word, ".,:;!?()[]'\"-"))
	return word == "" || slices.Contains(refusalWords(), word)
}

// refusalWords are the words of the gateway's refusals (IPoE API 3.4.0), of RFC 6749 §5.2 and of the usual servers.
func refusalWords() []string {
	return strings.Fields(`a access accessible account an and api apikey app approved are at authenticate authenticated
		authentication authorization authorized authorised bad be because been blocked body by called cannot client
		client_id clientid code could credential credentials denied disabled does error exceeded exist exists expired
		failed failure fault for found from gateway grant grant_type granttype has have header id identifier in inactive
		incorrect internal invalid invalid_client invalid_grant invalid_request invalid_scope is key limit locked
		maintainance maintenance malformed many message method missing must no not of on or parameter parameters
		permission permitted please provided quota rate raising reason refused registered rejected request requests
		required resource response revoked scope secret server service status supported suspended system temporarily the
		this to token too try type unauthorized unauthorised unauthorized_client unavailable under unexpected unknown
		unsupported unsupported_grant_type url user valid value was were while with wrong you your again later
		access_denied server_error temporarily_unavailable`)
}
