// Shows the OpenAPI document of this server. A typed key stays in the page and is not stored.
window.SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#api',
  deepLinking: true,
  displayRequestDuration: true,
  defaultModelsExpandDepth: 0,
  docExpansion: 'list',
  syntaxHighlight: { theme: 'nord' },
  tryItOutEnabled: false,
  validatorUrl: null,
});
