// Package api speaks the IPoE backend API 3.4.0 (its document), all of its 7 operations: the token call, products,
// sites and their details, and orders to be placed, searched and looked at.
//
// Requests are checked against the document before they are sent. The document has lost three of its definitions
// (AccessTokensResponse, CancelOrder and the beginning of ChangeOrder) and contradicts itself in several places;
// README.md in collector/carrier says what kaisen does about each.
//
// The package refuses to hand out a secret by accident: keys and passwords are of type Secret, which hides itself in
// texts and JSON, and they are taken out of the payloads that answers and errors carry along. It refuses to place
// an order twice: Client.CreateOrder is not repeated where the carrier may have accepted it.
package api
