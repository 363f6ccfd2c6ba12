/** Plain JSON values, as they come from and go to Resource Manager. */
export type Json = null | boolean | number | string | Json[] | JsonObject
export type JsonObject = { [key: string]: Json | undefined }
