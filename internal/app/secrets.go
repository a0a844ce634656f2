package app

import (
	"kaisen/collector/carrier"
	"kaisen/internal/config"
)

// renewSecrets has accounts log in by the secret that stands in their file now. Only the secret is taken: a configuration that
// somebody is writing just now is not in force before he says so. A file that cannot be read, or holds no secret, changes nothing.
func (a *App) renewSecrets() {
	unread := make(map[string]string)
	defer func() {
		before := a.reloads.setUnread(unread)
		for source, why := range unread {
			if before[source] != why {
				a.log.Error("the secret of a source cannot be read; the one that was read before is used on", "source", source, "error", why)
			}
		}
		for source := range before {
			if unread[source] == "" {
				a.log.Info("the secret of a source can be read again", "source", source)
			}
		}
	}()
	for _, account := range a.inForce() {
		source := account.source
		if source.ClientIDFile == "" && source.ClientSecretFile == "" {
			continue
		}
		id, secret, err := source.Credentials()
		if err != nil {
			unread[source.Name] = err.Error()
			continue
		}
		if by := credentialsOf(source, id, secret); by != account.client.Credentials() {
			account.client.Renew(by)
			a.log.Info("the secret of a source has changed", "source", source.Name)
		}
	}
}

func credentialsOf(source config.Source, id string, secret config.Secret) carrier.Credentials {
	return carrier.Credentials{TokenURL: source.TokenURL, Style: source.TokenStyle, ClientID: id, ClientSecret: secret.Reveal()}
}
