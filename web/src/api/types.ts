// Names for the types in the API's description, from which `schema.d.ts` is generated.
import type {components} from "./schema.js";

type Schemas = components["schemas"];

export type FileResource = Schemas["FileResource"];
export type FileStatus = Schemas["Status"];
export type Change = Schemas["ChangeResource"];
export type TimelineEntry = Schemas["TimelineEntry"];
export type Upload = Schemas["UploadResource"];
export type NewUpload = Schemas["NewUpload"];
export type PartUrls = Schemas["PartUrlsResource"];
export type Usage = Schemas["UsageResource"];
export type Caller = Schemas["CallerResource"];
export type Scope = Schemas["Scope"];
export type SignIn = Schemas["SignInResource"];
export type OidcClient = Schemas["OidcClientResource"];
export type Health = Schemas["HealthResource"];
export type Overview = Schemas["OverviewResource"];
export type Precision = Schemas["Precision"];
export type LastSweep = Schemas["LastSweepResource"];
export type OwnerOrder = Schemas["OwnerOrder"];
export type UsedQuota = Schemas["UsedQuota"];
export type MarkedFiles = Schemas["MarkedFiles"];
export type Token = Schemas["TokenResource"];
export type CreatedToken = Schemas["CreatedTokenResource"];
export type DownloadUrl = Schemas["DownloadUrlResource"];
